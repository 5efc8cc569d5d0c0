// What every app does with a machine.

export async function ask(connect, { url, token }, { schema, ...options } = {}) {
  const vm = await connect(url, { token, ...options });
  const { status } = await vm.execute("query-status");
  // It is another module that reads it.
  if (schema && !(await vm.schema()).commands.includes("query-status")) throw new Error("a schema without commands");
  await vm.close();
  return status;
}
