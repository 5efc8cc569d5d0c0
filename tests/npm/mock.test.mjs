// The server in memory, as a test of somebody's has it: out of the installed package, in Node.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { before, test as testUntil } from "node:test";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import { startBridge, startQemu, startWebsockify } from "../e2e/helpers.mjs";
import { install } from "./site.mjs";

const test = (name, run) => testUntil(name, { timeout: 60_000 }, run);
let app, qmp, mock;
before(async (t) => {
  app = await install(t);
  ({ qmp, mock } = await import(path.join(app, "mock.mjs")));
});

/** A server and a client of it, which ends with the test. */
async function start(t, { options, ...script } = {}) {
  const server = new mock.MockServer(script);
  const vm = await qmp.connect(server.connect, { reconnect: { base: 1 }, ...options });
  t.after(() => vm.close());
  return { server, vm };
}

const rejection = (promise) => promise.then((value) => assert.fail(`it resolved with ${value}`), (error) => error);
const reaches = (vm, state) =>
  new Promise((resolve) => {
    const off = vm.subscribe((snapshot) => snapshot.state === state && (queueMicrotask(() => off()), resolve(snapshot)));
  });
const commandsOf = ({ calls }) => calls.filter(({ name }) => name !== "qmp_capabilities").map(({ name, args }) => [name, args]);

test("what is written of it runs", async () => {
  for (const [file, heading] of [["npm/README.md", "## Testing"], ["docs/js-api.md", "## A server for tests"]]) {
    const text = await readFile(path.join(import.meta.dirname, "../..", file), "utf8");
    const [, code] = text.slice(text.indexOf(`\n${heading}\n`)).split(/^```(?:js)?$/m);
    assert.match(code, /MockServer/);
    const imports = 'import assert from "node:assert/strict"; import { connect } from "qmp-web";';
    await promisify(execFile)("node", ["--input-type=module", "--eval", imports + code], { cwd: app, timeout: 20_000 });
  }
});

test("what commands answer: values, functions, refusals, once and for ever", async (t) => {
  const { server, vm } = await start(t, { commands: { "query-name": { name: "web1" }, "query-uuid": 5 } });
  assert.deepEqual(await vm.execute("query-name"), { name: "web1" });
  const off = server.on("query-name", ({ upper }) => ({ name: upper ? "WEB1" : "web2" }));
  server.once("query-name", async () => ({ name: "first" }));
  assert.deepEqual(await vm.execute("query-name", { upper: true }), { name: "first" });
  assert.deepEqual(await vm.execute("query-name", { upper: true }), { name: "WEB1" });
  off();
  off();
  assert.deepEqual(await vm.execute("query-name"), { name: "web1" });

  server.on("device_del", ({ id }) => {
    throw new mock.Refusal(`Device '${id}' not found`, "DeviceNotFound");
  });
  server.on("stop", new mock.Refusal("not now"));
  server.on("cont", () => null.length);
  const refused = [["device_del", { id: "net1" }], ["stop"], ["cont"], ["no-such-command"]];
  const errors = [];
  for (const [name, args] of refused) errors.push(await rejection(vm.execute(name, args)));
  assert.deepEqual(errors.map(({ class: name, desc }) => [name, desc]), [
    ["DeviceNotFound", "Device 'net1' not found"],
    ["GenericError", "not now"],
    ["GenericError", "TypeError: Cannot read properties of null (reading 'length')"],
    ["CommandNotFound", "The command no-such-command has not been found"],
  ]);
  assert.ok(errors.every((error) => error instanceof qmp.CommandError));
  server.on("*", (args, { name }) => [name, args]);
  assert.deepEqual(await vm.execute("no-such-command", { big: 2n ** 60n, small: 1 }), ["no-such-command", { big: 2n ** 60n, small: 1 }]);
  assert.deepEqual(await vm.execute("query-uuid"), 5);
});

test("what was called is compared as it is", async (t) => {
  const { server, vm } = await start(t, { commands: { stop: {}, "query-yank": [] } });
  server.clear();
  await vm.execute("stop");
  await vm.execute("query-yank", undefined, { oob: true });
  assert.deepEqual(server.calls.map(({ id, ...call }) => call), [{ name: "stop", args: {}, oob: false }, { name: "query-yank", args: {}, oob: true }]);
  // One that has come is received as one that will.
  assert.equal(await server.receive("stop"), server.calls[0]);
  const [next] = await Promise.all([server.receive("stop"), vm.execute("stop")]);
  assert.equal(next, server.calls[2]);
});

test("answers by hand: later, in another order, lost, twice", async (t) => {
  const { server, vm } = await start(t, { capabilities: ["async"], commands: { first: mock.hold, second: mock.hold } });
  const order = [];
  const replies = ["first", "second"].map((name) => vm.execute(name).then((reply) => order.push([name, reply])));
  const [first, second] = [await server.receive("first"), await server.receive("second")];
  assert.equal(second.reply({ at: 2n ** 63n }), true);
  await replies[1];
  assert.deepEqual([first.reply(), first.refuse("too late"), first.drop()], [true, false, false]);
  await Promise.all(replies);
  assert.deepEqual(order, [["second", { at: 2n ** 63n }], ["first", {}]]);

  // What comes behind a reply that is lost is answered; where replies come in their order the client sees that one is missing.
  for (const [capabilities, kind] of [[["async"], "timeout"], [["oob"], "connection-lost"]]) {
    const { vm } = await start(t, { capabilities, commands: { lost: (_, { drop }) => drop(), "query-name": {} } });
    const lost = rejection(vm.execute("lost", {}, { timeout: 200 }));
    const behind = vm.execute("query-name").catch(({ kind }) => kind);
    assert.deepEqual([(await lost).kind, await behind], [kind, kind === "timeout" ? {} : kind]);
  }
  // Without async one command is executed after another.
  const { server: old, vm: other } = await start(t, { commands: { slow: mock.hold, "query-name": () => void order.push("executed") } });
  const slow = other.execute("slow").then(() => order.push("slow"));
  const behind = other.execute("query-name").then(() => order.push("behind"));
  const call = await old.receive("slow");
  await old.receive("query-name");
  order.push("both are there");
  call.reply();
  await Promise.all([slow, behind]);
  assert.deepEqual(order.filter((what) => what !== "slow").slice(-3), ["both are there", "executed", "behind"]);
  assert.ok(order.indexOf("slow") < order.indexOf("behind"));
});

test("no timer of the server's is in the way of those that a test moves", async (t) => {
  // The module comes first, for which Node waits.
  await qmp.init();
  // Whoever moves the one moves the other; Node does not by itself.
  const begun = performance.now();
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 5_000 });
  t.mock.method(performance, "now", () => begun + Date.now() - 5_000);
  const { server, vm } = await start(t, { capabilities: ["async"], commands: { slow: mock.later(60_000, ({ id }) => ({ id })), "query-status": { status: "running" } } });
  assert.deepEqual(await vm.execute("query-status"), { status: "running" });
  const late = rejection(vm.execute("slow", { id: 1 }, { timeout: 1_000 }));
  const patient = vm.execute("slow", { id: 2 }, { timeout: Infinity });
  await server.receive("slow");
  await server.receive("slow");
  t.mock.timers.tick(59_999);
  assert.equal((await late).kind, "timeout");
  const stopped = vm.once("STOP");
  server.event("STOP");
  assert.deepEqual((await stopped).timestamp, { seconds: 64, microseconds: 999_000 });
  t.mock.timers.tick(1);
  assert.deepEqual(await patient, { id: 2 });
  // While the timers are still those that it has set.
  await vm.close();
});

test("a connection ends with a code or without, is refused, and is made anew", async (t) => {
  const { server, vm } = await start(t, { commands: { "query-status": { status: "running" } } });
  assert.equal(server.connections, 1);
  for (const end of [() => server.close(1012, "restarting"), () => server.cut()]) {
    const lost = reaches(vm, "reconnecting");
    end();
    assert.equal((await lost).error.kind, "connection-lost");
    await reaches(vm, "live");
  }
  assert.equal(server.attempts.length, 3);
  server.refuses = true;
  server.cut();
  while (server.attempts.length < 5) await new Promise(setImmediate);
  assert.deepEqual([vm.state, server.connections], ["reconnecting", 0]);
  server.refuses = false;
  await reaches(vm, "live");
  assert.deepEqual(await vm.execute("query-status"), { status: "running" });
  server.close(4401, "the token is none any more");
  assert.deepEqual(await vm.closed, { code: 4401, reason: "the token is none any more" });
  assert.equal(vm.state, "closed");

  const { server: another, vm: other } = await start(t);
  await other.close();
  assert.equal(another.connections, 0);
});

test("in place of the WebSocket it is shown address and token", async (t) => {
  const server = new mock.MockServer({ commands: { "query-status": { status: "running" } } });
  let tokens = 0;
  const vm = await qmp.connect("ws://bridge.test/vm/web1/qmp", { WebSocket: server.WebSocket, token: () => `token${tokens++}`, reconnect: { base: 1 } });
  t.after(() => vm.close());
  assert.deepEqual(await vm.execute("query-status"), { status: "running" });
  const lost = reaches(vm, "reconnecting");
  server.cut();
  await lost;
  await reaches(vm, "live");
  const url = "ws://bridge.test/vm/web1/qmp";
  assert.deepEqual(server.attempts, [{ url, token: "token0" }, { url, token: "token1" }]);
  server.refuses = true;
  const refused = await rejection(qmp.connect("ws://127.0.0.1:1/", { WebSocket: server.WebSocket }));
  assert.equal(refused.kind, "connect");
});

/** What a program does with a machine, and all that it learns. */
async function use(vm) {
  const heard = [];
  vm.on("*", ({ event, data, timestamp }) => heard.push([event, data, timestamp]));
  const results = [vm.version, vm.capabilities];
  const keep = async (promise) => void results.push(await Promise.resolve(promise).catch(({ kind, class: name, desc }) => [kind, name, desc]), heard.length);
  await keep(vm.execute("stop"));
  await keep(vm.execute("object-add", { "qom-type": "iothread", id: "io", "poll-max-ns": 9007199254740993n }));
  await keep(vm.execute("qom-get", { path: "/objects/io", property: "poll-max-ns" }));
  await keep(vm.execute("object-add", { "qom-type": "secret", id: "s0", data: "hunter2" }));
  await keep(vm.execute("no-such-command", { id: 1 }));
  await keep(vm.execute("cont", {}, { until: "RESUME" }));
  await keep(Promise.all([vm.execute("query-status"), vm.execute("query-version"), vm.execute("query-block")]));
  await keep(vm.execute("device_del", { id: "nope" }));
  await keep(vm.job("blockdev-create", { "job-id": "j0", options: { driver: "null-co" } }));
  await keep(vm.execute("query-jobs"));
  await keep(vm.execute("system_powerdown", {}, { until: "POWERDOWN" }));
  await keep(vm.execute("query-status"));
  return [results, heard];
}

for (const place of ["the bridge", "websockify"]) {
  test(`a session with QEMU behind ${place} is recorded, and played again`, async (t) => {
    const { socket } = await startQemu(t);
    const { link } = place === "websockify" ? await startWebsockify(t, socket) : await startBridge(t, "--vm", `vm1=${socket}`);
    const url = place === "websockify" ? `ws://${link.host}/` : `ws://${link.host}/vm/vm1/qmp`;
    const token = new URLSearchParams(link.hash.slice(1)).get("token") ?? undefined;
    const real = await qmp.connect(url, { token, WebSocket, trace: { level: "verbose", capacity: Infinity } });
    t.after(() => real.close());
    const expected = await use(real);
    const lost = reaches(real, "reconnecting");
    real.reconnect();
    await lost;
    await reaches(real, "live");
    const status = await real.execute("query-status");
    const replay = real.trace.toNDJSON();
    assert.ok(!replay.includes("hunter2"));

    const { server, vm } = await start(t, { replay });
    assert.deepEqual(await use(vm), expected);
    await reaches(vm, "reconnecting");
    await reaches(vm, "live");
    assert.deepEqual(await vm.execute("query-status"), status);
    assert.deepEqual(server.unplayed, []);
  });
}

/** A recording, written by hand: `>` commands, `<` what came. */
function recording(...lines) {
  const entries = lines.map(([way, message]) => (way === "closed" ? { kind: way, ...message } : { kind: way === ">" ? "sent" : "received", message }));
  return [{ format: "qmp-web-trace", version: 1 }, ...entries].map((line) => JSON.stringify(line)).join("\n");
}

const GREETING = ["<", { QMP: { version: { qemu: { major: 1, minor: 2, micro: 3 }, package: "recorded" }, capabilities: ["async"] } }];
const event = (name) => ["<", { event: name, timestamp: { seconds: 1, microseconds: 2 } }];
const sent = (id, execute, args) => [">", { execute, arguments: args, id }];
const reply = (id, value) => ["<", { return: value, id }];
const BEGINNING = [GREETING, sent(0, "qmp_capabilities", { enable: ["async"] }), reply(0, {})];

test("replies are found by command and arguments, and what has no place in the recording says so", async (t) => {
  const replay = recording(
    ...BEGINNING,
    sent(1, "qom-get", { path: "/a", property: "x" }),
    reply(1, 1),
    sent(2, "qom-get", { path: "/b", property: "x" }),
    sent(3, "qom-get", { path: "/a", property: "x" }),
    reply(3, 3),
    reply(2, 2),
    sent(4, "set_password", { password: "***" }),
    reply(4, {}),
    sent(5, "never-asked", {}),
    reply(5, {}),
  );
  const { server, vm } = await start(t, { replay });
  const get = (path) => vm.execute("qom-get", { property: "x", path });
  assert.deepEqual(vm.version, { major: 1, minor: 2, micro: 3, package: "recorded" });
  // One after another, and then the last again.
  assert.deepEqual([await get("/b"), await get("/a"), await get("/a"), await get("/a"), await get("/b")], [2, 1, 3, 3, 2]);
  assert.deepEqual(await vm.execute("set_password", { password: "whatever" }), {});
  assert.match((await rejection(get("/c"))).desc, /the recording has no qom-get with these arguments/);
  assert.equal((await rejection(vm.execute("query-name"))).class, "CommandNotFound");
  server.on("qom-get", () => "mine");
  assert.equal(await get("/a"), "mine");
  assert.deepEqual(server.unplayed, [{ name: "never-asked", args: {} }]);

  const { vm: other } = await start(t, { replay, match: (recorded, given) => recorded.path === given.path });
  assert.equal(await other.execute("qom-get", { path: "/b" }), 2);
});

test("events come in their places, replies overtake each other as they did, and the connection ends where it did", async (t) => {
  const replay = recording(
    ...BEGINNING,
    event("AT_FIRST"),
    sent(1, "slow"),
    event("BESIDE"),
    sent(2, "fast"),
    reply(2, {}),
    reply(1, {}),
    event("BEHIND"),
    sent(3, "quit"),
    event("SHUTDOWN"),
    ["closed", { code: 4400, reason: "the machine is gone" }],
    ...BEGINNING.slice(0, 1),
    sent(4, "qmp_capabilities", { enable: ["async"] }),
    reply(4, {}),
    event("BACK"),
    sent(5, "query-status"),
    reply(5, { status: "prelaunch" }),
    ["closed", { code: 1000, reason: "" }],
  );
  const { vm } = await start(t, { replay });
  const order = [];
  vm.on("*", ({ event }) => order.push(event));
  const note = (name) => vm.execute(name).then(() => order.push(name));
  await Promise.all([note("slow"), note("fast"), vm.once("BEHIND")]);
  const back = vm.once("BACK");
  const lost = rejection(vm.execute("quit"));
  const { error } = await reaches(vm, "reconnecting");
  assert.match(error.message, /4400.*the machine is gone/);
  assert.equal((await lost).outcome, "unknown");
  await back;
  assert.deepEqual(await vm.execute("query-status"), { status: "prelaunch" });
  assert.deepEqual(order, ["AT_FIRST", "BESIDE", "fast", "slow", "BEHIND", "SHUTDOWN", "BACK"]);
  assert.equal(vm.state, "live");
});

test("what is no recording, and what is no option, is said at once", () => {
  const header = '{"format":"qmp-web-trace","version":1}\n';
  const wrong = { "no JSON": [`${header}{`, /line 2 is no JSON/], "another version": ['{"format":"qmp-web-trace","version":2}', /no trace of version 1/], "nothing": ["", /no trace/], "a header": [header, /no message/], "bytes": [new Uint8Array(1), /must be a string/] };
  for (const [what, [replay, message]] of Object.entries(wrong)) assert.throws(() => new mock.MockServer({ replay }), { name: "TypeError", message }, what);
  assert.throws(() => new mock.MockServer({ capability: [] }), { name: "TypeError", message: /no option capability/ });
});
