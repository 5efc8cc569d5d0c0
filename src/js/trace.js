// What goes over a connection and what becomes of it, kept within bounds: for who wants to see it later. Secrets are taken
// out before anything is kept.

import { reportUncaught } from "./error.js";

const LEVELS = ["off", "messages", "verbose"];
const FORMAT = "qmp-web-trace";

export class Trace {
  #level = "off";
  #capacity;
  #characters;
  #redact;
  #entries = [];
  #kept = 0;
  #listeners = new Set();
  #start = now();
  /** Whether messages are kept. A plain field: it is looked at once a message. */
  active = false;
  /** Changes whenever it is switched on: what was known of messages before has gaps. */
  epoch = 0;
  /** Of QEMU, once it is known. */
  version;
  dropped = 0;

  constructor(options = {}) {
    if (typeof options === "string") options = { level: options };
    if (typeof options !== "object" || options === null) throw new TypeError("trace must be a level, options or a Trace");
    const { level = "messages", capacity = 1000, characters = 1 << 22, redact, ...unknown } = options;
    for (const name in unknown) throw new TypeError(`trace: there is no option ${name}`);
    for (const [name, bound] of Object.entries({ capacity, characters })) {
      if (!(bound === Infinity || (Number.isInteger(bound) && bound > 0))) throw new TypeError(`trace: ${name} must be a whole number from 1`);
    }
    if (redact !== undefined && typeof redact !== "function") throw new TypeError("trace: redact must be a function");
    this.#capacity = capacity;
    this.#characters = characters;
    this.#redact = redact;
    this.level = level;
  }

  /** What an option says: a trace of the page's own, or what makes one. */
  static from(given = "off") {
    return given instanceof Trace ? given : new Trace(given);
  }

  get level() {
    return this.#level;
  }

  set level(level) {
    if (!LEVELS.includes(level)) throw new TypeError(`trace: level must be one of ${LEVELS.join(", ")}`);
    this.#level = level;
    const active = level !== "off";
    if (active && !this.active) this.epoch += 1;
    this.active = active;
  }

  entries() {
    return [...this.#entries];
  }

  clear() {
    this.#entries = [];
    this.#kept = this.dropped = 0;
    this.#start = now();
  }

  /** Calls `listener` with each entry as it is made, until the function that it gives is called. */
  on(listener) {
    const own = (entry) => listener(entry);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  toNDJSON() {
    const header = { format: FORMAT, version: 1, start: this.#start, qemu: this.version, dropped: this.dropped };
    return [JSON.stringify(header), ...this.#entries.map(line), ""].join("\n");
  }

  /** Keeps something that is no message, where that is wanted. */
  note(kind, details) {
    if (this.#level === "verbose") this.#keep({ kind, ...details });
  }

  /** The connection is in this state. */
  state({ state, attempt, retryAt, error }) {
    const { url, kind, message } = error ?? {};
    // Whatever else is in an address may be a secret, and what browsers quote is of one.
    const told = error && { kind, message: url ? message.replaceAll(url, place(url)).replace(/'.*'/s, "…") : message };
    this.note("state", { state, attempt, retryAt, error: told });
  }

  attempt(url) {
    this.note("try", { url: place(url) });
  }

  ping(id) {
    this.note("ping", { id });
  }

  /** `listener`, if there is one, and what is told is kept too. */
  diagnosing(listener) {
    return (diagnostic) => {
      // The other one is the listener's.
      this.note("diagnostic", { diagnostic: { ...diagnostic } });
      listener?.(diagnostic);
    };
  }

  /** Keeps a message, from which what is known to be a secret is gone; without its text if that is. */
  message(kind, { text, command, redacted }) {
    // A listener may have switched it off between two that came together.
    if (!this.active) return;
    let kept = text;
    if (this.#redact && kept !== undefined) {
      try {
        kept = this.#redact(text, { kind, command });
      } catch (thrown) {
        reportUncaught(thrown);
        kept = undefined;
      }
      // Whatever is no text was not meant to be seen.
      if (typeof kept !== "string") kept = undefined;
      redacted ||= kept !== text;
    }
    const entry = { kind, text: kept };
    if (command !== undefined) entry.command = command;
    if (redacted) entry.redacted = true;
    if (kept?.length > this.#characters) {
      // A part of a string would keep the whole of it.
      entry.text = JSON.parse(JSON.stringify(kept.slice(0, this.#characters)));
      entry.truncated = kept.length;
    }
    this.#keep(entry);
  }

  #keep(details) {
    const entry = Object.freeze({ time: now(), ...details });
    this.#entries.push(entry);
    this.#kept += length(entry);
    while (this.#entries.length > this.#capacity || this.#kept > this.#characters) {
      this.#kept -= length(this.#entries.shift());
      this.dropped += 1;
    }
    for (const listener of [...this.#listeners]) {
      try {
        listener(entry);
      } catch (thrown) {
        reportUncaught(thrown);
      }
    }
  }
}

function length({ text }) {
  return text?.length ?? 0;
}

// JSON as it was written, on one line; line ends are space there.
function line({ text, ...entry }) {
  const members = JSON.stringify(entry);
  if (text === undefined) return members;
  const [name, value] = !entry.truncated && isJson(text) ? ["message", text.replace(/[\r\n]/g, " ")] : ["text", JSON.stringify(text)];
  return `${members.slice(0, -1)},"${name}":${value}}`;
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

// Where an address leads, and nothing else of it.
function place(url) {
  try {
    const { protocol, host, pathname } = new URL(url, location.href);
    if (host) return `${protocol}//${host}${pathname}`;
  } catch {
    // It leads nowhere.
  }
  return "…";
}

// Milliseconds since 1970, by a clock that does not go back.
function now() {
  return performance.timeOrigin + performance.now();
}
