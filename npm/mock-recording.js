// A recorded session, the NDJSON that `vm.trace.toNDJSON()` gives, as what a server in memory plays. docs/js-api.md has the format.
//
// Replies belong to commands. What came by itself, an event or the end, belongs to the message before it: it is told when
// that command has come, or when that reply is sent.

import { parse } from "./js/json.js";
import { deferred, Refusal } from "./mock-link.js";

export class Recording {
  /** Of QEMU, as the header has it. */
  version;
  #sessions = [];
  #match;
  #begun = 0;

  /** `match(recorded, given)` says whether arguments are those of a recorded command, by default if they are alike. */
  constructor(ndjson, match = alike) {
    if (typeof match !== "function") throw new TypeError("match must be a function");
    this.#match = match;
    const [header, ...entries] = read(ndjson);
    this.version = header.qemu;
    const pings = new Set(entries.filter(({ kind }) => kind === "ping").map(({ id }) => id));
    for (const entry of entries) this.#add(entry, pings);
    const last = this.#sessions.at(-1);
    if (!last) throw new TypeError("replay: there is no message in it");
    // That is how the client ends it.
    if (last.end?.code === 1000) last.place.pop();
  }

  /** What the next connection plays: one after the other, and the last of them again. */
  next() {
    const session = this.#sessions[Math.min(this.#begun++, this.#sessions.length - 1)];
    return new Tape(session, this.#match);
  }

  get unplayed() {
    const left = this.#sessions.flatMap(({ exchanges }) => exchanges.filter(({ played }) => !played));
    return left.map(({ name, args }) => ({ name, args }));
  }

  #add({ kind, message, command, code, reason }, pings) {
    const session = this.#sessions.at(-1);
    if (kind === "received" && message?.QMP) return this.#begin(message);
    if (kind === "sent") return (session?.end ? this.#begin() : (session ?? this.#begin())).sent(message, command, pings);
    if (kind === "received") return (session ?? this.#begin()).received(message, command);
    if (kind === "closed") session?.close(code, reason);
  }

  #begin(greeting) {
    // Nobody said how the one before it ended.
    this.#sessions.at(-1)?.close(1006, "");
    const session = new Session(greeting);
    this.#sessions.push(session);
    return session;
  }
}

/** What went over one connection. */
class Session {
  exchanges = [];
  /** What came before any command, and behind negotiation, in whatever words that was. */
  opening = [];
  negotiated = [];
  /** Where what comes by itself belongs. */
  place = this.opening;
  end;
  #replies = 0;
  #isReady = false;

  constructor(greeting) {
    this.greeting = greeting;
  }

  sent(message, command, pings) {
    const { execute, "exec-oob": urgent, arguments: args = {}, id } = message ?? {};
    const name = execute ?? urgent ?? command;
    // What was left out of a trace is known by its name alone.
    const exchange = { name, args: message ? args : ANYTHING, id, soon: [], after: [] };
    // The client's own questions, which nobody asks again at the same place.
    exchange.isPing = pings.has(id) || (name === "qmp_capabilities" && this.#isReady) || urgent === "query-yank";
    exchange.played = exchange.isPing || name === "qmp_capabilities";
    this.exchanges.push(exchange);
    if (!exchange.isPing) this.place = exchange.soon;
  }

  received(message, command) {
    const waiting = this.exchanges.filter(({ at }) => at === undefined);
    const { id } = message ?? {};
    const exchange = waiting.find((one) => one.id !== undefined && one.id === id) ?? waiting.find(({ name }) => command !== undefined && name === command);
    if (exchange) {
      exchange.at = this.#replies++;
      exchange.reply = message ?? { error: new Refusal("its reply was left out of the recording") };
      if (exchange.isPing) return;
      const negotiates = exchange.name === "qmp_capabilities" && message?.return;
      this.#isReady ||= negotiates;
      this.place = negotiates ? this.negotiated : exchange.after;
    } else if (message) {
      this.place.push({ message });
    }
  }

  close(code, reason) {
    if (this.end) return;
    this.end = { code, reason };
    this.place.push({ close: this.end });
  }
}

/** A session as one connection plays it. */
class Tape {
  #session;
  #match;
  #used = new Set();
  #turns = [];

  constructor(session, match) {
    [this.#session, this.#match] = [session, match];
  }

  get greeting() {
    return this.#session.greeting;
  }

  get opening() {
    return this.#session.opening;
  }

  get negotiated() {
    return this.#session.negotiated;
  }

  /** What a command is answered by: the next one like it, or the last again; `undefined` where there is none. */
  take({ name, args }) {
    const same = this.#session.exchanges.filter((one) => one.name === name && (one.args === ANYTHING || this.#match(one.args, args)));
    const next = same.find((one) => !this.#used.has(one));
    if (!next) {
      const last = same.findLast(({ reply }) => reply);
      return last && { ...last, soon: [], after: [] };
    }
    this.#used.add(next);
    next.played = true;
    return next;
  }

  /** Why there is no answer, if the command is there with other arguments. */
  missing(name) {
    if (this.#session.exchanges.some((one) => one.name === name)) return new Refusal(`the recording has no ${name} with these arguments`);
  }

  /** Those that have come together are answered in the order of the recording. */
  async turn(exchange) {
    const { released, release } = deferred();
    if (this.#turns.push({ at: exchange.at ?? Infinity, release }) === 1) {
      await undefined;
      for (const { release } of this.#turns.splice(0).sort((a, b) => a.at - b.at)) release();
    }
    return released;
  }
}

function read(ndjson) {
  if (typeof ndjson !== "string") throw new TypeError("replay must be a string, as toNDJSON() gives it");
  const lines = ndjson.split("\n").map((text, i) => {
    if (text.trim() === "") return undefined;
    try {
      return parse(text, "auto");
    } catch {
      throw new TypeError(`replay: line ${i + 1} is no JSON`);
    }
  });
  const entries = lines.filter((entry) => entry !== undefined);
  const { format, version } = entries[0] ?? {};
  if (format !== "qmp-web-trace" || version !== 1) throw new TypeError(`replay: this is no trace of version 1`);
  return entries;
}

// Whether arguments are like recorded ones. What was a secret is any.
function alike(recorded, given) {
  if (recorded === REDACTED) return true;
  if (typeof recorded !== "object" || recorded === null || typeof given !== "object" || given === null) return recorded === given;
  const names = Object.keys(recorded);
  return Array.isArray(recorded) === Array.isArray(given) && names.length === Object.keys(given).length && names.every((name) => Object.hasOwn(given, name) && alike(recorded[name], given[name]));
}

const ANYTHING = Symbol("anything");
const REDACTED = "***";
