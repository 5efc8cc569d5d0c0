// Reads what comes in where that is cheapest: with the engine's own parser, once, and not at all what nobody wants.
// Whatever is unusual goes to the client as it came, which knows every rule.

import { parse } from "./json.js";

/**
 * What to do with each message of a WebSocket. `prefix` begins the id of each command of this connection, its number
 * follows; `client` takes what is not read here.
 */
export function reader(prefix, bigint, events, client) {
  // Replies are read here once capabilities are negotiated, and bytes where a message begins.
  let ready = false;
  const text = (text) => {
    client.heard();
    const unheard = EVENT.exec(text);
    if (unheard !== null && ready && !events.hears(unheard[1])) return true;
    let message;
    try {
      message = parse(text, bigint);
    } catch {
      return false;
    }
    const { id } = message;
    if (message.return !== undefined && message.error === undefined && typeof id === "string" && id.startsWith(prefix)) {
      const number = Number(id.slice(prefix.length));
      if (!Number.isSafeInteger(number)) return false;
      const resolve = client.reply(number);
      resolve?.(message.return);
      return true;
    }
    if (typeof message.event !== "string") return false;
    events.emit(message);
    return true;
  };
  return ({ data }) => {
    if (typeof data === "string") {
      if (!(ready && text(data))) ready = client.text(data);
    } else {
      const bytes = new Uint8Array(data);
      if (!(ready && looksWhole(bytes) && text(decode(bytes)))) ready = client.bytes(bytes);
    }
  };
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

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// An event as QEMU and our bridge write it, up to its name.
const EVENT = /^\{(?:"timestamp": ?\{[^{}]*\}, ?)?"event": ?"(\w+)"/;
