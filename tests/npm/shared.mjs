// What tabs with one connection see of it, and of each other.

import assert from "node:assert/strict";

/** `tabs` are two of them, with `qmp` and a function that opens a connection. */
export async function shareConnection(t, { url, token }, [first, second]) {
  const bridge = new URL(url.replace("ws:", "http:"));
  const clients = async () => {
    const answer = await fetch(new URL("/metrics", bridge), { headers: { authorization: `Bearer ${token}` } });
    return Number(/^qmp_bridge_clients\{vm="vm1"\} (\d+)/m.exec(await answer.text())?.[1] ?? 0);
  };
  const clientsAre = async (count) => {
    while ((await clients()) !== count) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const both = (what) => Promise.all([first.evaluate(what), second.evaluate(what)]);

  await clientsAre(0);
  await both(async () => {
    globalThis.vm = await open();
    globalThis.states = [];
    vm.subscribe(({ state, runState }) => states.push(`${state} ${runState}`));
    globalThis.reject = (promise) =>
      promise.then(
        () => "it resolved",
        (error) => ({ is: Object.keys(qmp).find((name) => error.constructor === qmp[name]) ?? error.name, ...error, message: error.message }),
      );
  });
  assert.equal(await clients(), 1);

  // An event reaches both, before the reply, and with the command that waits for it.
  await second.evaluate(() => void (globalThis.stopped = vm.once("STOP")));
  const ran = await first.evaluate(async () => {
    const order = [];
    vm.on("*", ({ event }) => order.push(event));
    await vm.execute("stop").then(() => order.push("reply"));
    const { event, reply } = await vm.execute("cont", {}, { until: "RESUME", where: ({ data }) => data === undefined });
    return { order, event: event.event, reply, again: await vm.execute("query-name") };
  });
  assert.deepEqual(ran, { order: ["STOP", "reply", "RESUME"], event: "RESUME", reply: {}, again: {} });
  assert.equal(await second.evaluate(async () => (await stopped).event), "STOP");
  await second.waitForFunction(() => states.includes("live paused") && states.at(-1) === "live running");

  // Errors are those of the package, with what they tell.
  const errors = await second.evaluate(async () => {
    const gone = new AbortController();
    const aborted = reject(vm.execute("query-status", {}, { signal: gone.signal }));
    gone.abort("enough");
    return {
      command: await reject(vm.execute("device_del", { id: "nothing" })),
      aborted: [await aborted].map(({ is, kind, outcome }) => ({ is, kind, outcome }))[0],
      wrong: await reject(vm.execute("query-status", {}, { patience: 3 })),
      clone: [await reject(vm.execute("query-status", { no: () => {} }))].map(({ kind, command }) => ({ kind, command }))[0],
      option: await reject(open({ onDiagnostic: () => {} })),
    };
  });
  const { id, message: text, ...command } = errors.command;
  assert.ok(id && text);
  assert.deepEqual(command, { is: "CommandError", name: "CommandError", kind: "command", class: "DeviceNotFound", command: "device_del", desc: "Device 'nothing' not found" });
  assert.deepEqual(errors.aborted, { is: "AbortError", kind: "aborted", outcome: "unknown" });
  assert.deepEqual(errors.clone, { kind: "arguments", command: "query-status" });
  for (const name of ["wrong", "option"]) assert.equal(errors[name].is, "TypeError");

  // A job, and a new connection, with a token that is asked for in a tab.
  const job = await first.evaluate(async () => {
    const { is, kind } = await reject(vm.job("blockdev-create", { options: { driver: "file", filename: "/dev/null/no", size: 1024 } }));
    const live = new Promise((resolve) => {
      let lost = false;
      vm.subscribe(({ state }) => (state === "reconnecting" ? (lost = true) : lost && state === "live" && resolve()));
    });
    vm.reconnect();
    await live;
    return { is, kind };
  });
  assert.deepEqual(job, { is: "JobError", kind: "job" });
  assert.equal(await second.evaluate(async () => (await vm.execute("query-status")).status), "running");

  // Who leaves takes nothing along but what is its own.
  const left = await second.evaluate(async () => {
    const pending = reject(vm.execute("query-qmp-schema"));
    const { value, done } = await (vm.close(), vm.events("STOP")).next();
    const { kind, outcome } = await pending;
    const after = await reject(vm.execute("query-status"));
    return { value, done, kind, outcome, after: after.outcome, state: vm.state, closed: await vm.closed };
  });
  assert.deepEqual(left, { done: true, value: undefined, kind: "connection-lost", outcome: "unknown", after: "not-sent", state: "closed", closed: { code: 1000, reason: "" } });
  assert.equal(await first.evaluate(async () => (await vm.execute("query-status")).status), "running");
  await second.evaluate(async () => (globalThis.vm = await open()));
  assert.equal(await clients(), 1);

  // A worker that has ended is told of.
  const session = await second.context().browser().newBrowserCDPSession();
  const { targetInfos } = await session.send("Target.getTargets");
  const worker = targetInfos.find(({ type, url: at }) => type === "shared_worker" && at.startsWith(new URL(second.url()).origin));
  const ended = first.evaluate(() => vm.closed.then(({ code }) => [code, vm.state]));
  const { sessionId } = await session.send("Target.attachToTarget", { targetId: worker.targetId, flatten: false });
  const message = JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression: "close()" } });
  await session.send("Target.sendMessageToTarget", { sessionId, message });
  assert.deepEqual(await ended, [1006, "closed"]);
  await session.detach();
  await clientsAre(0);
  await both(async () => void (globalThis.vm = await open()));

  // A tab that is gone without a word leaves too, and the last one ends the connection.
  await first.close();
  assert.equal(await second.evaluate(async () => (await vm.execute("query-status")).status), "running");
  assert.equal(await clients(), 1);
  await second.goto("about:blank");
  await clientsAre(0);
}
