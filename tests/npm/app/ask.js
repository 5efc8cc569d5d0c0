// What every app does with a machine.

export async function ask(connect, { url, token }, options) {
  const vm = await connect(url, { token, ...options });
  const { status } = await vm.execute("query-status");
  await vm.close();
  return status;
}
