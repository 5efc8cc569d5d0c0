// A reply whose id comes last is read without an object around it, any other as a whole. What becomes of a message has to be the
// same either way, so each of these comes twice: as it is, and with a space behind the first brace, which sends it the other way.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { program } from "./helpers.mjs";

// Two connections have the same ids then, so that what is made of them can be compared.
crypto.getRandomValues = (array) => array.fill(0x5a);
const { connect } = await import(path.join(program("QMP_CLIENT"), "node.js"));

const GREETING = '{"QMP": {"version": {"qemu": {"major": 10, "minor": 0, "micro": 2}, "package": ""}, "capabilities": []}}';

/** What becomes of a command that is answered by this message, and then, if that did not settle it, by an error. */
async function outcome(message, bigint, asBytes) {
  let id;
  const seen = [];
  class Server {
    protocol = "";
    readyState = 0;
    constructor() {
      setImmediate(() => {
        this.readyState = 1;
        this.onopen();
        this.tell(GREETING);
      });
    }
    tell(text) {
      const data = asBytes ? new TextEncoder().encode(`${text}\n`).buffer : text;
      setImmediate(() => this.readyState === 1 && this.onmessage({ data }));
    }
    send(data) {
      const command = JSON.parse(typeof data === "string" ? data : new TextDecoder().decode(data));
      ({ id } = command);
      if (command.execute === "qmp_capabilities") return this.tell(`{"return": {}, "id": "${id}"}`);
      this.tell(message(id));
      this.tell(`{"error": {"class": "GenericError", "desc": "it was not settled"}, "id": "${id}"}`);
    }
    close() {
      this.readyState = 3;
    }
  }
  const onDiagnostic = ({ kind }) => seen.push(kind);
  const vm = await connect("ws://127.0.0.1", { WebSocket: Server, bigint, reconnect: false, onDiagnostic });
  vm.on("*", ({ event, data }) => seen.push(event, data));
  await vm.execute("query-name").then(
    (value) => seen.push("resolved", value),
    ({ kind, message }) => seen.push(kind, message.replace(/byte \d+/, "byte N")),
  );
  seen.push(vm.state);
  await vm.close();
  return seen;
}

async function comesOutTheSame(message, bigint = "auto") {
  for (const asBytes of [false, true]) {
    const last = await outcome(message, bigint, asBytes);
    const whole = await outcome((id) => message(id).replace("{", "{ "), bigint, asBytes);
    assert.deepEqual(last, whole, `${message("ID")} with ${bigint}${asBytes ? ", as bytes" : ""}`);
    if (asBytes) return last;
  }
}

const ends = { compact: (value) => (id) => `{"return":${value},"id":"${id}"}`, spaced: (value) => (id) => `{"return": ${value}, "id": "${id}"}` };
const VALUES = [
  "{}", "[]", "null", "true", "0", "-0", "1e400", '""', '"\\"id\\":\\"x\\""', '"\\u007d\\ud800"', '{"__proto__":1,"a":{"__proto__":[]}}',
  '{"a":1,"a":2}', "9007199254740993", "[-9007199254740993, 1.5, 123456789012345678901234567890]", '"9007199254740993"',
  "1234567890123456", '{"id":"x"}', '{"error":1}', '{"return":1,"id":"x-1"}', "[".repeat(500) + "]".repeat(500),
  // These are no values.
  "", " ", "{", "}", "01", "+1", "'a'", "NaN", '"', "1,", '1,"error":{}', '1,"return":2', '1,"id":"x"', '1,"other":[]', '{"a":1}}', '"\n"', "1\u000b",
];

test("whatever a command may have returned", async () => {
  for (const bigint of ["auto", "always", "never"]) {
    for (const value of VALUES) for (const end of Object.values(ends)) await comesOutTheSame(end(value), bigint);
  }
});

test("whatever may be the matter with the end of the message", async () => {
  const last = (tail) => (id) => `{"return":{"a":[1]}${tail.replaceAll("ID", id)}`;
  const tails = [
    "}", ',"id":"ID"', ',"id":"ID"}}', ',"id":"ID"}]', ',"id":"ID"} ', ',"id":"ID"}\r\n', ',"id":"ID"}\t', ',"id":"ID"}\u000b', ',"id":"ID"}\u0000', ',"id":"ID"}\u00a0',
    ',"id":"ID"}\ufeff', ',"id":"ID" }', ',"id":"ID",}', ', "id":"ID"}', ',"id": "ID"}', ',  "id": "ID"}', ',"i\\u0064":"ID"}', ',"id":"ID1"}', ',"id":"0ID"}', ',"id":"ID0"}',
    ',"id":"ID","id":"x"}', ',"id":"x","id":"ID"}', ',"id":"ID","error":{"class":"GenericError","desc":"d"}}', ',"error":{"class":"GenericError","desc":"d"},"id":"ID"}',
    ',"id":"ID","x":1}', ',"id":["ID"]}', ',"id":null}', ',"id":1}', ',"id":""}', ',"id":"-"}', ',"id":"12"}', '"id":"ID"}', ',,"id":"ID"}', ',"ID":"ID"}',
    ',"id":"ID"}{"return":2,"id":"ID"}', ',"id":"ID"}\n{"event":"STOP","timestamp":{"seconds":1,"microseconds":1}}',
  ];
  for (const tail of tails) await comesOutTheSame(last(tail));
  // Of another connection, which differs in any of its characters, and of commands that there never were.
  for (const other of [(id) => id.toUpperCase(), (id) => `x${id}`, (id) => id.slice(1), (id) => id.replace("-", ""), (id) => id.replace(/\d+$/, "")]) {
    await comesOutTheSame((id) => `{"return":1,"id":"${other(id)}"}`);
  }
  for (const number of ["00", "01", "-1", "1.0", "1e0", "999", "9007199254740993", "18446744073709551616", "99999999999999999999999"]) {
    await comesOutTheSame((id) => `{"return":1,"id":"${id.replace(/\d+$/, number)}"}`);
  }
  assert.deepEqual(await comesOutTheSame(last(',"id":"ID"}')), ["resolved", { a: [1] }, "live"]);
});

test("a message with one character too few, or one that is another", async () => {
  const whole = (id) => `{"return":{"a":"b,}","c":[12]},"id":"${id}"}`;
  const length = whole("abcdefgh-1").length;
  for (let at = 0; at < length; at++) {
    for (const other of ["", '"', "\\", "}", ",", "1", " ", "\u0001"]) {
      await comesOutTheSame((id) => whole(id).slice(0, at) + other + whole(id).slice(at + 1));
    }
  }
});
