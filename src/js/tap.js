// Tells a trace of the messages of one connection, both ways, as they were written. Bytes may be cut anywhere; where they
// are no QMP, the client ends the connection, and what was not told yet is told then.

import { isSuspicious, redact, returnsSecret } from "./redact.js";

export class Tap {
  trace;
  #epoch;
  #cutter;
  // Commands that have no reply yet, by id: names, and what of their replies may be a secret.
  #pending = new Map();

  constructor(trace, socket) {
    this.trace = trace;
    const { send } = socket;
    socket.send = (data) => {
      // The bytes are the module's own, and may be others' later.
      const text = trace.active && (typeof data === "string" ? data : new TextDecoder().decode(data)).trim();
      send.call(socket, data);
      // Not before: who is told may send something, which comes behind it.
      if (text) this.#sent(text);
    };
  }

  /** What came in, cut anywhere. `begins`: a message begins with it. */
  received(data, begins) {
    this.#catchUp();
    // Who begins to look in the middle of a message waits for the next.
    if (!this.#cutter && !begins) return;
    this.#cutter ??= new Cutter();
    for (const text of this.#cutter.cut(data)) this.#keep("received", text);
  }

  ended(code, reason) {
    const rest = this.trace.active && this.#cutter?.rest.trim();
    if (rest) this.#keep("received", rest);
    this.trace.note("closed", { code, reason });
  }

  #sent(text) {
    this.#catchUp();
    this.#keep("sent", text);
  }

  // What came while nobody looked is not known.
  #catchUp() {
    if (this.#epoch === this.trace.epoch) return;
    this.#epoch = this.trace.epoch;
    this.#cutter = undefined;
    this.#pending.clear();
  }

  #keep(kind, text) {
    let message;
    try {
      message = this.#read(kind, text);
    } catch {
      // Too deep for us. Nobody has seen what is in it.
      message = { redacted: true };
    }
    this.trace.message(kind, message);
  }

  #read(kind, text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      const isAwaited = [...this.#pending.values()].some(({ secretReturn, secretDesc }) => secretReturn || secretDesc);
      return isAwaited || isSuspicious(text) ? { redacted: true } : { text };
    }
    if (typeof message !== "object" || message === null) return { text };
    if (kind === "sent") {
      const command = message.execute ?? message["exec-oob"];
      const secretReturn = returnsSecret(command, message.arguments);
      const kept = redact(text, message, {});
      this.#pending.set(message.id, { command, secretReturn, secretDesc: kept.redacted });
      return { command, ...kept };
    }
    const { id } = message;
    // Of what was sent while nobody looked, it is not known what comes back.
    const unknown = { secretReturn: typeof message.return === "string", secretDesc: id !== undefined };
    const asked = this.#pending.get(id) ?? unknown;
    this.#pending.delete(id);
    return { command: asked.command, ...redact(text, message, asked) };
  }
}

/** The messages in a stream of text or bytes. */
class Cutter {
  #decoder = new TextDecoder();
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** What came of the next one. */
  rest = "";

  cut(data) {
    const text = typeof data === "string" ? data : this.#decoder.decode(data, { stream: true });
    const messages = [];
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      if (!this.#ends(text.charCodeAt(at))) continue;
      messages.push((this.rest + text.slice(from, at + 1)).trim());
      this.rest = "";
      from = at + 1;
    }
    const rest = text.slice(from);
    // There may be any amount of space between messages.
    this.rest += this.rest ? rest : rest.trimStart();
    return messages;
  }

  // Whether a message ends with this character.
  #ends(code) {
    if (this.#escaped) this.#escaped = false;
    else if (this.#inString) {
      if (code === QUOTE) this.#inString = false;
      else this.#escaped = code === BACKSLASH;
    } else if (code === QUOTE) this.#inString = true;
    else if (code === OPEN || code === OPEN_LIST) this.#depth += 1;
    else if (code === CLOSE || code === CLOSE_LIST) {
      this.#depth = Math.max(this.#depth - 1, 0);
      return this.#depth === 0;
    }
    return false;
  }
}

const [QUOTE, BACKSLASH, OPEN, OPEN_LIST, CLOSE, CLOSE_LIST] = [...'"\\{[}]'].map((character) => character.charCodeAt(0));
