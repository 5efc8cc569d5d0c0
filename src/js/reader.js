// Reads what comes in where that is cheapest: with the engine's own parser, once, and not at all what nobody wants.
// Whatever is unusual goes to the client as it came, which knows every rule.

import { parse } from "./json.js";

/**
 * What to do with each message of a WebSocket. `prefix` begins the id of each command of this connection, its number
 * follows; `client` takes what is not read here, and `tap` looks at everything.
 */
export function reader(prefix, bigint, events, client, tap) {
  const { trace } = tap;
  // Replies are read here once capabilities are negotiated, and bytes where a message begins.
  // Nobody knows before the first has come.
  let ready;
  // True if the text was one message that is read here.
  const read = (text) => {
    let message;
    try {
      message = parse(text, bigint);
    } catch {
      return false;
    }
    if (typeof message !== "object" || message === null) return false;
    const { id } = message;
    if (message.return !== undefined && message.error === undefined && typeof id === "string" && id.startsWith(prefix)) {
      const number = id.slice(prefix.length);
      if (!NUMBER.test(number)) return false;
      client.reply(Number(number))?.(message.return);
      return true;
    }
    if (typeof message.event !== "string") return false;
    client.heard();
    events.emit(message);
    return true;
  };
  const isUnheard = (event) => {
    if (events.hears(event)) return false;
    client.heard();
    return true;
  };
  const takeText = (text) => {
    // A frame of text is one message.
    const event = EVENT.exec(text);
    return (event !== null && isUnheard(event[1])) || read(text);
  };
  const takeBytes = (bytes) => {
    const event = eventName(bytes);
    return (event !== "" && isUnheard(event)) || (looksWhole(bytes) && read(decode(bytes)));
  };
  return ({ data }) => {
    if (trace.active) tap.received(data, ready ?? true);
    if (typeof data === "string") {
      if (!(ready && takeText(data))) ready = client.text(data);
    } else {
      const bytes = new Uint8Array(data);
      if (!(ready && takeBytes(bytes))) ready = client.bytes(bytes);
    }
  };
}

// The name of the event that the bytes are, if they are that and nothing else and written as QEMU writes it. To make a
// string of bytes costs as much as to parse it.
function eventName(bytes) {
  // {"timestamp": {…}, "event": "NAME"
  if (bytes[2] !== T) return "";
  // One line and whole, as each message of QEMU's is.
  if (bytes.indexOf(NEWLINE) !== bytes.length - 1) return "";
  const timeEnds = bytes.indexOf(CLOSE, AFTER_TIMESTAMP);
  if (bytes[timeEnds + 4] !== E) return "";
  let name = "";
  for (let at = timeEnds + TO_NAME; at < bytes.length && bytes[at] !== QUOTE; at++) name += String.fromCharCode(bytes[at]);
  return name;
}

// Most frames of bytes are one message. What only looks so is no JSON.
function looksWhole(bytes) {
  let last = bytes.length - 1;
  while (bytes[last] === 10 || bytes[last] === 13) last--;
  return bytes[0] === 123 && bytes[last] === 125;
}

// What is not UTF-8 is no JSON either.
function decode(bytes) {
  try {
    return DECODER.decode(bytes);
  } catch {
    return "";
  }
}

// As we write it: a command's number.
const NUMBER = /^[1-9]\d{0,14}$/;
const [QUOTE, CLOSE, E, T, NEWLINE] = [..."\"}et\n"].map((character) => character.charCodeAt(0));
const AFTER_TIMESTAMP = '{"timestamp": {'.length;
const TO_NAME = '}, "event": "'.length;
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// An event as QEMU and our bridge write it, up to its name.
const EVENT = /^\{(?:"timestamp": ?\{[^{}]*\}, ?)?"event": ?"(\w+)"/;
