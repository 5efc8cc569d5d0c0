// The trace as a page reads it: what went over a real connection, and what is left out of it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { atEnd, Browser, startQemu, startWebsockify } from "./helpers.mjs";
import { openSite, startPage } from "./page.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const COMPLAINTS = { expected: [/WebSocket connection to/, /Failed to load resource/] };

/** The header of an exported trace and its entries, each line read by itself. */
function readLines(ndjson) {
  assert.ok(ndjson.endsWith("\n"));
  const [header, ...entries] = ndjson.trimEnd().split("\n").map((line) => JSON.parse(line));
  return { header, entries };
}

async function behindWebsockify(t, socket) {
  const { link } = await startWebsockify(t, socket);
  return `ws://${link.host}/`;
}

/** A server that is written by the test: what it sends, in order, before each command and behind the last. */
async function startServer(t, ...parts) {
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const socket = path.join(folder, "qmp.sock");
  const server = createServer((client) => {
    const rest = [...parts];
    const next = (id) => {
      for (const part of rest.shift() ?? []) client.write(part.replaceAll("ID", id));
    };
    client.on("error", () => {});
    client.on("data", (bytes) => next(JSON.parse(bytes).id));
    next("");
  });
  server.listen(socket);
  await once(server, "listening");
  atEnd(t, () => server.close());
  return socket;
}

/** What a page does that is to be seen in a trace, wherever the machine is. */
async function use({ url, token }) {
  const vm = await qmp.connect(url, { token, trace: "messages" });
  const live = [];
  vm.trace.on((entry) => live.push(entry));
  const stopped = vm.once("STOP");
  await vm.execute("stop");
  await stopped;
  await vm.execute("object-add", { "qom-type": "iothread", id: "io", "poll-max-ns": 9007199254740993n });
  await Promise.all([vm.execute("qom-get", { path: "/objects/io", property: "poll-max-ns" }), vm.execute("query-qmp-schema"), vm.execute("query-name")]);
  await rejection(vm.execute("no-such-command"));
  await vm.close();
  const entries = vm.trace.entries();
  const ndjson = vm.trace.toNDJSON();
  const { version } = vm;
  const { trace } = vm;
  vm.free();
  return { entries, live, ndjson, version, free: trace.entries().length };
}

for (const place of ["the bridge", "websockify"]) {
  test(`every message is kept, both ways, through ${place}`, async (t) => {
    const { tab, vm } = await startPage(t, browser);
    const to = place === "the bridge" ? vm : { url: await behindWebsockify(t, (await startQemu(t)).socket) };
    const seen = await tab.evaluate(use, to);
    const { header, entries } = readLines(seen.ndjson);
    assert.deepEqual([header.format, header.version, header.dropped], ["qmp-web-trace", 1, 0]);
    assert.deepEqual(header.qemu, seen.version);
    assert.ok(header.start <= entries[0].time && Math.abs(header.start - Date.now()) < 600_000);

    assert.equal(entries.length, seen.entries.length);
    entries.forEach(({ message, ...entry }, i) => {
      const { text, ...kept } = seen.entries[i];
      assert.deepEqual([entry, message], [kept, JSON.parse(text)]);
    });
    for (const [i, { time }] of entries.entries()) assert.ok(i === 0 || time >= entries[i - 1].time);
    assert.equal(seen.free, entries.length);
    assert.deepEqual(seen.live, seen.entries.slice(-seen.live.length));

    // In the order of the wire: greeting, negotiation, commands.
    assert.deepEqual([entries[0].kind, Object.keys(entries[0].message)], ["received", ["QMP"]]);
    assert.deepEqual([entries[1].kind, entries[1].command], ["sent", "qmp_capabilities"]);
    const commands = entries.filter(({ kind, command }) => kind === "sent" && command !== "qmp_capabilities").map(({ command }) => command);
    assert.deepEqual(commands, ["stop", "object-add", "qom-get", "query-qmp-schema", "query-name", "no-such-command"]);
    for (const sent of entries.filter(({ kind }) => kind === "sent")) {
      const replies = entries.filter(({ kind, message }) => kind === "received" && message.id === sent.message.id);
      assert.deepEqual(replies.map(({ command }) => command), [sent.command]);
      assert.ok(entries.indexOf(sent) < entries.indexOf(replies[0]));
    }
    const at = (wanted) => entries.findIndex(({ message }) => wanted(message));
    const stop = entries.find(({ command }) => command === "stop").message.id;
    assert.ok(at(({ event }) => event === "STOP") < at(({ id, return: value }) => id === stop && value));
    // To the last digit, both ways.
    assert.equal(seen.entries.filter(({ text }) => /9007199254740993\b/.test(text)).length, 2);
    assert.match(seen.ndjson, /"poll-max-ns": ?9007199254740993\b/);
    assert.equal(entries.find(({ message }) => message.error).message.error.class, "CommandNotFound");
    assert.ok(seen.entries.every(({ redacted }) => !redacted));
  });
}

test("secrets are nowhere in a trace", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  const qemu = await startQemu(t);
  const url = await behindWebsockify(t, qemu.socket);
  for (const to of [vm, { url }]) {
    const seen = await tab.evaluate(
      async ({ url, token }) => {
        const vm = await qmp.connect(url, { token, trace: "verbose" });
        const live = [];
        vm.trace.on((entry) => live.push(JSON.stringify(entry)));
        const execute = (command, args) => vm.execute(command, args).catch(({ kind }) => kind);
        const returned = [];
        // A BigInt beside a secret keeps its digits.
        await execute("object-add", { "qom-type": "secret", id: "s0", data: "hunter2-a", size: 9007199254740993n });
        await vm.execute("object-add", { "qom-type": "secret", id: "s1", data: "hunter2-b" });
        returned.push(await execute("qom-get", { path: "/objects/s1", property: "data" }));
        await execute("qom-set", { path: "/objects/s1", property: "data", value: "hunter2-c" });
        await execute("set_password", { protocol: "vnc", password: "hunter2-d" });
        await execute("change-vnc-password", { password: "hunter2-e\"\\\n" });
        await execute("guest-set-user-password", { username: "root", crypted: false, password: "hunter2-f" });
        await execute("guest-exec", { path: "/bin/passwd", "input-data": "hunter2-g" });
        await execute("human-monitor-command", { "command-line": "set_password vnc hunter2-h keep" });
        await execute("human-monitor-command", { "command-line": "change vnc password hunter2-i" });
        await execute("human-monitor-command", { "command-line": "object_add secret,id=s2,data=hunter2-j" });
        returned.push(await execute("human-monitor-command", { "command-line": "qom-get /objects/s2 data" }));
        returned.push(await execute("human-monitor-command", { "command-line": "info status" }));
        const curl = { driver: "https", url: "https://user:hunter2-k@127.0.0.1:1/x", cookie: "hunter2-l", "password-secret": "s1" };
        await execute("blockdev-add", { driver: "raw", "node-name": "x", file: curl });
        await execute("blockdev-add", { driver: "raw", "node-name": "y", file: `json:${JSON.stringify({ driver: "https", cookie: "hunter2-n" })}` });
        await execute("transaction", { actions: [{ type: "x", data: { deep: [{ passwd: "hunter2-m" }] } }] });
        const entries = vm.trace.entries();
        const status = vm.trace.entries().find(({ kind, text }) => kind === "received" && /VM status/.test(text));
        // Asked for while nobody looked.
        vm.trace.level = "off";
        const late = vm.execute("qom-get", { path: "/objects/s1", property: "data" }).catch(() => {});
        vm.trace.level = "messages";
        returned.push(await late);
        await vm.close();
        return { entries, live, returned, status, all: JSON.stringify(vm.trace.entries()), ndjson: vm.trace.toNDJSON(), token };
      },
      to,
    );
    // They were said indeed.
    assert.deepEqual([seen.returned[0], seen.returned[3]], ["hunter2-b", "hunter2-c"]);
    assert.ok(seen.returned[1].includes("hunter2-j") || to === vm, seen.returned[1]);
    for (const text of [seen.all, seen.ndjson, ...seen.live]) {
      assert.doesNotMatch(text, /hunter2/);
      if (seen.token) assert.ok(!text.includes(seen.token));
    }
    const sent = (name) => seen.entries.filter(({ kind, command }) => kind === "sent" && command === name);
    const [added] = sent("object-add");
    assert.equal(added.redacted, true);
    assert.match(added.text, /"data":"\*\*\*"/);
    assert.match(added.text, /"size":9007199254740993\b/);
    assert.match(sent("blockdev-add")[0].text, /"password-secret":"s1"/);
    assert.match(sent("blockdev-add")[0].text, /https:\/\/\*\*\*@127/);
    assert.match(sent("set_password")[0].text, /"protocol":"vnc"/);
    // What is none stays.
    assert.ok(sent("qom-get").every(({ redacted }) => !redacted));
    if (seen.status) assert.equal(seen.status.redacted, undefined);
    readLines(seen.ndjson);
  }
});

test("secrets are nowhere in a trace, however a server or a page writes them", async (t) => {
  const { tab } = await openSite(t, browser, COMPLAINTS);
  const seen = await tab.evaluate(async () => {
    const { MockServer, hold } = await import("/mock.js");
    const begin = async (script) => {
      const server = new MockServer({ capabilities: ["async"], ...script });
      return { server, vm: await qmp.connect(() => server.connect(), { reconnect: false, trace: "verbose" }) };
    };
    const seen = {};
    const end = (name, vm) => (seen[name] = vm.trace.toNDJSON() + JSON.stringify(vm.trace.entries()));
    for (const filename of ["iscsi://user%hunter2@h/x", "https://user:a@hunter2@h/x", "https://:hunter2@h/", "a=https://u:hunter2@h/,b=https://u:hunter2@h/"]) {
      const { vm } = await begin();
      await rejection(vm.execute("blockdev-add", { filename }));
      await vm.close();
      end(filename, vm);
    }
    const messages = [
      '{"event": "X", "data": {"pass\\u0077ord": "hunter2"}}',
      '{"event": "X", "data": {"password": "hunter2"}, "data": {}}',
      '{"event": "X", "data": {"Private_Key": "hunter2", "password": "x"}}',
      '{"event": "X", "data": {"__proto__": {"password": "hunter2"}}}',
    ];
    for (const text of messages) {
      const { vm, server } = await begin();
      const heard = vm.once("X");
      server.send(`${text}\r\n`);
      await heard;
      await vm.close();
      end(text, vm);
    }
    // The connection ends in the middle.
    const halves = ['"data": {"pass\\u0077ord": "hunter2', '"data": {"u": "https:\\/\\/u:hunter2@h/', '"data": {"u": "https://u:hunter2', '"error": {"class": "GenericError", "desc": "no hunter2', '"return": "hunter2'];
    for (const half of halves) {
      const { vm, server } = await begin({ commands: { "qom-get": hold } });
      vm.trace.level = "off";
      const asked = server.receive("qom-get");
      const lost = rejection(vm.execute("qom-get", { path: "/objects/s", property: "data" }));
      const { id } = await asked;
      vm.trace.level = "verbose";
      server.send(`{"id": "${id}", ${half}`);
      await new Promise((resolve) => setTimeout(resolve));
      server.cut();
      await lost;
      end(half, vm);
    }
    for (const url of ["ws://127.0.0.1:1/a#token=hunter2", "ws:\\\\u:hunter2@127.0.0.1:1\\x", "ws:u:hunter2@127.0.0.1:1/", "ws://[hunter2", "ws://u:hun/ter2@h/", "ftp://u:hunter2@h/?hunter2", "foo:hunter2"]) {
      const trace = new qmp.Trace("verbose");
      await rejection(qmp.connect(url, { trace }));
      end(url, { trace });
    }
    return seen;
  });
  assert.equal(Object.keys(seen).length, 20);
  for (const [what, text] of Object.entries(seen)) assert.doesNotMatch(text, /hunter2|ter2@/, what);
});

test("a trace is as it was written, whatever its listeners do", async (t) => {
  const { tab } = await openSite(t, browser);
  const seen = await tab.evaluate(async () => {
    const { MockServer } = await import("/mock.js");
    const server = new MockServer({ capabilities: ["async"] });
    const onDiagnostic = (diagnostic) => Object.assign(diagnostic, { self: diagnostic, more: 1n });
    const vm = await qmp.connect(() => server.connect(), { trace: "verbose", onDiagnostic });
    server.send('{"return": {}, "id": "x"}\r\n');
    const first = vm.once("FIRST");
    vm.trace.on(({ text }) => text?.includes("FIRST") && (vm.trace.level = "off"));
    // One piece, of which the second half is not wanted any more.
    server.send('{"event": "FIRST"}\r\n{"event": "SECOND"}\r\n');
    await first;
    await vm.close();
    const cut = new qmp.Trace({ characters: 3, redact: () => "123456" });
    await rejection(qmp.connect(() => new MockServer({ greeting: "{}" }).connect(), { trace: cut }));
    return [vm.trace.toNDJSON(), cut.toNDJSON()];
  });
  const [{ entries }, cut] = seen.map(readLines);
  assert.deepEqual(entries.find(({ kind }) => kind === "diagnostic").diagnostic, { kind: "unknown-reply", id: '"x"' });
  assert.deepEqual(entries.slice(-1).map(({ message }) => message), [{ event: "FIRST" }]);
  assert.deepEqual(cut.entries.map(({ message, text, truncated }) => [message, text, truncated]), [[undefined, "123", 6]]);
});

test("a page's own redact, and what throws", async (t) => {
  const { tab, vm } = await startPage(t, browser, { expected: [/thrown by redact/, /thrown by a listener/] });
  const seen = await tab.evaluate(async ({ url, token }) => {
    const redact = (text, { kind, command }) => {
      if (command === "query-name") throw new Error("thrown by redact");
      if (command === "query-uuid") return undefined;
      if (command === "query-version" && kind === "received") return text.replace(/\d/g, "#");
      return text;
    };
    const vm = await qmp.connect(url, { token, trace: { level: "messages", redact } });
    vm.trace.on(() => {
      throw new Error("thrown by a listener");
    });
    for (const command of ["query-name", "query-uuid", "query-version", "query-status"]) await vm.execute(command);
    await vm.close();
    return { entries: vm.trace.entries(), ndjson: vm.trace.toNDJSON() };
  }, vm);
  const of = (name) => seen.entries.filter(({ command }) => command === name);
  for (const name of ["query-name", "query-uuid"]) {
    assert.deepEqual(of(name).map(({ kind, text, redacted }) => [kind, text, redacted]), [["sent", undefined, true], ["received", undefined, true]]);
  }
  const [sent, received] = of("query-version");
  assert.equal(sent.redacted, undefined);
  assert.ok(received.redacted && /#/.test(received.text));
  assert.ok(of("query-status").every(({ text, redacted }) => text && !redacted));
  const { entries } = readLines(seen.ndjson);
  assert.ok(entries.some(({ command, message, text }) => command === "query-name" && message === undefined && text === undefined));
});

test("what is kept is bounded, and level and content can be changed at any time", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  const seen = await tab.evaluate(async ({ url, token }) => {
    const few = await qmp.connect(url, { token, trace: { capacity: 4 } });
    for (let i = 0; i < 5; i++) await few.execute("query-status");
    const last = few.trace.entries();
    const { dropped } = few.trace;
    few.trace.level = "off";
    await few.execute("query-name");
    const off = few.trace.entries().length === 4 && few.trace.entries().at(-1) === last.at(-1);
    few.trace.clear();
    const cleared = [few.trace.entries().length, few.trace.dropped];
    few.trace.level = "verbose";
    const replies = await Promise.all([few.execute("query-uuid"), few.execute("query-kvm")]);
    const on = few.trace.entries().map(({ kind, command }) => [kind, command]);
    const wrong = [() => (few.trace.level = "all"), () => new qmp.Trace({ capacity: 0 }), () => new qmp.Trace({ size: 5 }), () => new qmp.Trace({ redact: 5 })];
    const thrown = wrong.map((f) => {
      try {
        f();
      } catch (error) {
        return error.name;
      }
    });
    thrown.push((await rejection(qmp.connect(url, { token, trace: 5 }))).name);
    thrown.push((await rejection(qmp.connect(url, { token, trace: "all" }))).name);

    const small = await qmp.connect(url, { token, trace: { characters: 2000 } });
    await small.execute("query-qmp-schema");
    const great = small.trace.entries();
    await small.execute("query-status");
    const then = small.trace.entries();
    const ndjson = small.trace.toNDJSON();
    await Promise.all([few.close(), small.close()]);
    return { last, dropped, off, cleared, on, replies, thrown, great, then, ndjson, level: few.trace.level };
  }, vm);
  assert.equal(seen.last.length, 4);
  assert.deepEqual(seen.last.map(({ kind }) => kind), ["sent", "received", "sent", "received"]);
  assert.ok(seen.dropped >= 9, `${seen.dropped}`);
  assert.deepEqual([seen.off, seen.cleared, seen.level], [true, [0, 0], "verbose"]);
  assert.deepEqual(seen.on, [["sent", "query-uuid"], ["sent", "query-kvm"], ["received", "query-uuid"], ["received", "query-kvm"]]);
  assert.deepEqual(seen.thrown, Array(6).fill("TypeError"));
  assert.equal(seen.great.length, 1);
  const [{ text, truncated, command }] = seen.great;
  assert.deepEqual([text.length, command], [2000, "query-qmp-schema"]);
  assert.ok(truncated > 100_000);
  assert.deepEqual(seen.then.map(({ kind, command }) => [kind, command]), [["sent", "query-status"], ["received", "query-status"]]);
  assert.equal(readLines(seen.ndjson).entries.length, 2);
});

test("what is verbose: states, tries, signs of life, diagnostics, ends", async (t) => {
  const { tab, proxy, far } = await startPage(t, browser, COMPLAINTS);
  await tab.evaluate(async ({ url, token }) => {
    const options = { token, trace: "verbose", reconnect: { base: 10 }, liveness: { silence: 1000 } };
    globalThis.vm = await qmp.connect(`${url}?secret=hunter2`, options);
    const pinged = new Promise((resolve) => {
      const off = vm.trace.on((entry) => entry.kind === "ping" && (off(), resolve(entry)));
    });
    await rejection(vm.execute("x-async-sleep", { ms: 100 }, { timeout: 1 }));
    const { id } = await pinged;
    globalThis.answered = new Promise((resolve) => {
      const isReply = ({ kind, text }) => kind === "received" && text.includes(id);
      if (vm.trace.entries().some(isReply)) resolve();
      vm.trace.on((entry) => isReply(entry) && resolve());
    });
    await answered;
  }, far.demo);
  proxy.cut();
  const seen = await tab.evaluate(async () => {
    await new Promise((resolve) => vm.trace.on(({ kind, state }) => kind === "state" && state === "live" && resolve()));
    await vm.execute("query-name");
    await vm.close();
    const trace = new qmp.Trace("verbose");
    await rejection(qmp.connect("ws://user:hunter2@127.0.0.1:1/a?b=hunter2", { trace }));
    return { entries: vm.trace.entries(), ndjson: vm.trace.toNDJSON(), refused: trace.entries() };
  });
  const of = (wanted) => seen.entries.filter(({ kind }) => kind === wanted);
  assert.ok(of("try").length >= 2 && of("try").every(({ url }) => url === far.demo.url));
  const states = of("state").map(({ state }) => state).filter((state, i, all) => state !== all[i - 1]);
  assert.deepEqual(states, ["live", "reconnecting", "live", "closed"]);
  const [lost] = of("state").filter(({ state }) => state === "reconnecting");
  assert.equal(lost.error.kind, "connection-lost");
  const [{ id }] = of("ping");
  assert.equal(of("sent").filter(({ text }) => JSON.parse(text).id === id).length, 1);
  assert.deepEqual(of("closed").map(({ code }) => code).filter((code, i, all) => i === 0 || i === all.length - 1), [1006, 1000]);
  assert.ok(of("diagnostic").some(({ diagnostic }) => diagnostic.kind === "late-reply" && diagnostic.command === "x-async-sleep"));
  assert.ok(of("diagnostic").some(({ diagnostic }) => diagnostic.kind === "resumed"));
  // Messages of both connections.
  assert.equal(of("received").filter(({ text }) => text.includes('"QMP"')).length, 2);
  assert.doesNotMatch(seen.ndjson + JSON.stringify(seen.refused), /hunter2/);
  assert.match(seen.refused.find(({ error }) => error)?.error.message, /cannot connect to ws:\/\/127.0.0.1:1\/a:/);
  assert.equal(readLines(seen.ndjson).entries.length, seen.entries.length);
});

test("bytes that are cut anywhere, written prettily, and no QMP at the end", async (t) => {
  const { tab } = await startPage(t, browser, COMPLAINTS);
  const greeting = '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 9}, "package": ""}, "capabilities": []}}\r\n';
  const pretty = '{\r\n    "return": {\r\n        "a": "}\\"{\u00e9",\r\n        "b": 1.50e3\r\n    },\r\n    "id": "ID"\r\n}\r\n';
  const event = '{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "RESUME"}\r\n';
  const socket = await startServer(t, [greeting.slice(0, 30), greeting.slice(30)], ['{"return": {}, "id": "ID"}\r\n', event + event], [pretty + event.slice(0, 20), event.slice(20)], ['{"return": nonsense,']);
  const url = await behindWebsockify(t, socket);
  const seen = await tab.evaluate(async (url) => {
    const trace = new qmp.Trace("verbose");
    const vm = await qmp.connect(url, { reconnect: false, trace });
    const value = await vm.execute("query-x");
    const lost = await rejection(vm.execute("query-y"));
    await vm.closed;
    return { same: vm.trace === trace, value, lost: lost.kind, entries: trace.entries(), ndjson: trace.toNDJSON() };
  }, url);
  assert.deepEqual([seen.same, seen.value, seen.lost], [true, { a: '}"{\u00e9', b: 1500 }, "connection-lost"]);
  const received = seen.entries.filter(({ kind }) => kind === "received");
  const sent = seen.entries.filter(({ kind }) => kind === "sent").map(({ text }) => JSON.parse(text).id);
  assert.deepEqual(received.map(({ text }) => text), [greeting, `{"return": {}, "id": "${sent[0]}"}`, event, event, pretty.replace("ID", sent[1]), event, '{"return": nonsense,'].map((text) => text.trim()));
  const { entries } = readLines(seen.ndjson);
  assert.equal(entries.find(({ command, kind }) => command === "query-x" && kind === "received").message.return.b, 1500);
  assert.match(seen.ndjson, /"b": 1\.50e3/);
  assert.deepEqual(entries.filter(({ kind, message }) => kind === "received" && message === undefined).map(({ text }) => text), ['{"return": nonsense,']);
  const ended = seen.entries.find(({ kind }) => kind === "closed");
  assert.equal(ended.code, 1002);
  assert.match(ended.reason, /expected a value/);

  // Nobody has a client here, and the trace is there all the same.
  const stranger = await behindWebsockify(t, await startServer(t, ["HTTP/1.1 400 Bad Request\r\n"]));
  const refused = await tab.evaluate(async (url) => {
    const trace = new qmp.Trace();
    const { kind } = await rejection(qmp.connect(url, { trace }));
    return { kind, entries: trace.entries() };
  }, stranger);
  assert.equal(refused.kind, "protocol");
  assert.deepEqual(refused.entries.map(({ kind, text }) => [kind, text]), [["received", "HTTP/1.1 400 Bad Request"]]);
});

test("who begins to look in the middle of a message sees the next", async (t) => {
  const { tab } = await startPage(t, browser);
  const greeting = '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 9}, "package": ""}, "capabilities": []}}\r\n';
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const socket = path.join(folder, "qmp.sock");
  let more;
  const server = createServer((client) => {
    client.on("error", () => {});
    client.write(greeting);
    client.on("data", (bytes) => {
      const { id, execute } = JSON.parse(bytes);
      if (execute !== "query-halves") return client.write(`{"return": {}, "id": "${id}"}\r\n`);
      client.write('{"event": "HALF", "data": {"x": "}{');
      more = () => client.write(`"}, "timestamp": {"seconds": 1, "microseconds": 2}}\r\n{"return": {}, "id": "${id}"}\r\n`);
    });
  }).listen(socket);
  await once(server, "listening");
  atEnd(t, () => server.close());
  const url = await behindWebsockify(t, socket);
  await tab.evaluate(async (url) => {
    let half;
    const first = new Promise((resolve) => (half = resolve));
    // What comes over the pipe is seen here too, so that the half of a message is waited for.
    const socket = new WebSocket(url, ["binary"]);
    socket.addEventListener("message", ({ data }) => new TextDecoder().decode(data).includes("HALF") && half());
    globalThis.vm = await qmp.connect(socket);
    globalThis.halves = vm.execute("query-halves");
    await first;
    // The client is told of it after this page.
    await new Promise((resolve) => setTimeout(resolve));
    vm.trace.level = "messages";
  }, url);
  more();
  const seen = await tab.evaluate(async () => {
    await halves;
    await vm.execute("query-name");
    await vm.close();
    return vm.trace.entries().map(({ kind, command }) => [kind, command]);
  });
  assert.deepEqual(seen, [["sent", "query-name"], ["received", "query-name"]]);
});
