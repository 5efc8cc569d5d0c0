// The same texts as three servers frame them: our bridge, a bridge of bytes in front of QEMU, a JSON-RPC server.
// What can be made beforehand is: the server is not what is measured.

/** The dialects by the path of their WebSocket. A command is one of `names`, or `events` with a count. */
export function dialects({ returns, events }) {
  const texts = { ...returns, integers: `[${INTEGERS}]`, qmp_capabilities: "{}", events: "{}" };
  // As the bridge writes it, with no spaces of its own.
  const messages = {
    subprotocol: "qmp.v1",
    binary: false,
    greeting: GREETING,
    events: events.map((event) => Buffer.from(JSON.stringify(JSON.parse(event)))),
    reply: replies(texts, (text) => [`{"return":${text},"id":`, "}"]),
  };
  // As QEMU writes it.
  const bytes = {
    subprotocol: "binary",
    binary: true,
    greeting: `${GREETING}\r\n`,
    events: events.map((event) => Buffer.from(`${event}\r\n`)),
    reply: replies(texts, (text) => [`{"return": ${text}, "id": `, "}\r\n"]),
  };
  const jsonRpc = {
    binary: false,
    reply: replies(texts, (text) => ['{"jsonrpc":"2.0","id":', `,"result":${text}}`]),
  };
  return { "/messages": messages, "/bytes": bytes, "/json-rpc": jsonRpc };
}

/** A function from a command and its id, as JSON text, to the frame. */
function replies(texts, around) {
  const parts = new Map();
  for (const [command, text] of Object.entries(texts)) {
    parts.set(command, around(text).map((part) => Buffer.from(part)));
  }
  return (command, id) => {
    const [head, tail] = parts.get(command);
    return Buffer.concat([head, Buffer.from(id), tail]);
  };
}

/** Integers that a double does not hold. */
export const INTEGERS = ["9007199254740993", "-9223372036854775807", "18446744073709551615"];
// `oob` is not offered: with it a client keeps all but eight commands back, and a queue would be measured.
const GREETING =
  '{"QMP":{"version":{"qemu":{"micro":22,"minor":2,"major":7},"package":"Debian 1:7.2"},"capabilities":["async"]}}';
