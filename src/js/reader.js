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
      const number = numberFrom(id, prefix.length);
      if (number === 0) return false;
      client.reply(number)?.(message.return);
      return true;
    }
    if (typeof message.event !== "string") return false;
    events.emit(message);
    return true;
  };
  const takeText = (text) => {
    // A frame of text is one message.
    const event = eventIn(text);
    return (event !== "" && !events.hears(event)) || read(text);
  };
  const takeBytes = (bytes) => {
    const event = eventName(bytes);
    return (event !== "" && !events.hears(event)) || (looksWhole(bytes) && read(decode(bytes)));
  };
  let heard = false;
  const take = ({ data }) => {
    heard = true;
    if (trace.active) tap.received(data, ready ?? true);
    if (typeof data === "string") {
      if (!(ready && takeText(data))) ready = client.text(data);
    } else {
      const bytes = new Uint8Array(data);
      if (!(ready && takeBytes(bytes))) ready = client.bytes(bytes);
    }
  };
  /** Whether it was called since this was asked last. */
  take.hasHeard = () => {
    const had = heard;
    heard = false;
    return had;
  };
  take.ended = (code, reason) => tap.ended(code, reason);
  return take;
}

// The name of the event that the text is, if it is one and written as QEMU or our bridge writes it. A regular expression
// costs a tenth of what the parser does.
function eventIn(text) {
  // {"timestamp": {"seconds": 1, "microseconds": 1}, "event": "NAME"
  if (text.charCodeAt(2) !== T) return "";
  let at = text.indexOf("}", SHORTEST) + 2;
  if (text.charCodeAt(at) === SPACE) at++;
  if (!text.startsWith(KEY, at)) return "";
  at += KEY.length;
  if (text.charCodeAt(at) === SPACE) at++;
  return text.charCodeAt(at) === QUOTE ? plain(text.slice(at + 1, text.indexOf('"', at + 1))) : "";
}

// A name that is written otherwise than it is may be anybody's.
function plain(name) {
  return name.includes("\\") ? "" : name;
}

// The name of the event that the bytes are, if they are that and nothing else and written as QEMU writes it. To make a
// string of bytes costs as much as to parse it, so those that were made are kept, by the sum of their bytes.
function eventName(bytes) {
  // {"timestamp": {"seconds": 1, "microseconds": 1}, "event": "NAME"
  const last = bytes.length - 1;
  if (bytes[2] !== T || bytes[last] !== NEWLINE) return "";
  let at = IN_TIMESTAMP;
  while (at < last && bytes[at] !== CLOSE) at++;
  if (bytes[at + 4] !== E) return "";
  const from = at + TO_NAME;
  let sum = 0;
  for (at = from; at < last && bytes[at] !== QUOTE; at++) sum = (Math.imul(sum, 31) + bytes[at]) & SMALL;
  const to = at;
  // The line ends where the frame does, as each message of QEMU's is a line.
  for (; at < last; at++) if (bytes[at] === NEWLINE) return "";
  const known = NAMES.get(sum);
  if (known !== undefined && isText(known, bytes, from, to)) return known;
  const name = plain(String.fromCharCode(...bytes.subarray(from, Math.min(to, from + LONGEST_NAME))));
  if (NAMES.size < MOST_NAMES) NAMES.set(sum, name);
  return to - from > LONGEST_NAME ? "" : name;
}

function isText(text, bytes, from, to) {
  if (text.length !== to - from) return false;
  for (let at = from; at < to; at++) if (bytes[at] !== text.charCodeAt(at - from)) return false;
  return true;
}

// The number of a command, as we write it in its id from there on; 0 if it is none.
function numberFrom(id, from) {
  if (id.length - from > MOST_DIGITS || id.charCodeAt(from) === ZERO) return 0;
  let number = 0;
  for (let at = from; at < id.length; at++) {
    const digit = id.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return 0;
    number = number * 10 + digit;
  }
  return number;
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

const [QUOTE, CLOSE, E, T, ZERO, NEWLINE, SPACE] = [..."\"}et0\n "].map((character) => character.charCodeAt(0));
const IN_TIMESTAMP = '{"timestamp": {"seconds": 1, "microseconds": '.length;
const TO_NAME = '}, "event": "'.length;
// Integers that the engine keeps without an object for each.
const SMALL = 2 ** 30 - 1;
// QEMU has some seventy events.
const NAMES = new Map();
const [MOST_NAMES, LONGEST_NAME] = [256, 64];
// So many a double holds.
const MOST_DIGITS = 15;
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const KEY = '"event":';
// Where the first brace can be that ends a timestamp.
const SHORTEST = '{"timestamp":{"seconds":1,"microseconds":1'.length;
