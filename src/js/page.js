// What a page gave to a connection and has of it: its options, who listens, what is known of the machine. The connection tells
// it of all that happens.

import { reportUncaught } from "./error.js";
import { Events } from "./events.js";
import { parse } from "./json.js";
import { ANY, BOOLEAN, COUNT, FUNCTION, MILLISECONDS, read } from "./options.js";
import { reader } from "./reader.js";
import { Schemas } from "./schema.js";
import { Source } from "./source.js";
import { Store } from "./store.js";
import { Tap } from "./tap.js";
import { Trace } from "./trace.js";
import { giveEarly } from "./web_socket.js";

// Outside of these scripts each is its place.
const BIGINTS = ["auto", "always", "never"];
const RETRY = { base: MILLISECONDS, max: MILLISECONDS, tries: COUNT };
const LIVENESS = { dead: MILLISECONDS, silence: MILLISECONDS, unstable: MILLISECONDS };
const CONNECT = {
  WebSocket: FUNCTION,
  bigint: ['"auto", "always" or "never"', (value) => BIGINTS.includes(value)],
  check: BOOLEAN,
  greetingTimeout: MILLISECONDS,
  liveness: ANY,
  negotiationTimeout: MILLISECONDS,
  onDiagnostic: FUNCTION,
  onUnhandledEvent: FUNCTION,
  reconnect: ANY,
  timeout: MILLISECONDS,
  token: ANY,
  trace: ANY,
};

export class Page {
  /** Milliseconds for a command that does not say, if any. */
  timeout;
  /** Whether what the machine would refuse is not sent. */
  check;
  /** Milliseconds and tries, as client.rs reads them; what was not given is none. */
  numbers;
  /** The promise of the end, while somebody has asked for it, and what resolves it. */
  closed;
  wasClosed = false;
  #source;
  #bigint;
  #listener;
  // Nothing was executed yet, so events may be held for who has not listened.
  #isNew = true;

  constructor(url, options) {
    const given = read(options, CONNECT);
    const { bigint = "auto", check = false, timeout, token } = given;
    this.trace = Trace.from(given.trace);
    this.#source = new Source(url, token, this.trace, given.WebSocket);
    this.#bigint = bigint;
    this.check = check;
    this.timeout = timeout;
    this.events = new Events(given.onUnhandledEvent);
    this.schemas = new Schemas((diagnostic) => this.#diagnose(diagnostic));
    this.store = new Store(this.events, { state: "connecting", attempt: undefined, retryAt: undefined, error: undefined });
    this.#listener = this.trace.diagnosing(given.onDiagnostic);
    const { dead, silence, unstable } = read(given.liveness, LIVENESS);
    const { base, max, tries } = typeof given.reconnect === "boolean" ? { tries: given.reconnect ? undefined : 0 } : read(given.reconnect, RETRY);
    const numbers = [given.greetingTimeout, given.negotiationTimeout, base, max, dead, silence, unstable, this.#source.isPipe ? 0 : tries];
    this.numbers = Float64Array.from(numbers, (number) => number ?? NaN);
  }

  get bigint() {
    return BIGINTS.indexOf(this.#bigint);
  }

  /** Calls `tell` with a `Try`, or with nothing, what was to be tried and why it is not. */
  ask(tell) {
    this.#source.ask(tell);
  }

  /** What a WebSocket calls with each message. `prefix` begins the id of each command. */
  reader(prefix, client, socket) {
    const take = reader(prefix, this.#bigint, this.events, client, new Tap(this.trace, socket));
    giveEarly(socket, take);
    return take;
  }

  /** Who executes has had time to listen, and hears what was held before the reply. */
  begin() {
    if (!this.#isNew) return;
    this.#isNew = false;
    this.events.flushSoon();
  }

  /** An event that the reader did not take. */
  emit(text) {
    try {
      this.events.emit(parse(text, this.#bigint));
    } catch {
      // The client has read it, but it is too deep for us.
    }
  }

  /** A reply that nobody waits for: to a command that was given up, or to none of ours. */
  stray(command, id) {
    this.#diagnose(command === undefined ? { kind: "unknown-reply", id } : { kind: "late-reply", command });
  }

  /** The connection is in this state now. With an `end`, no event comes any more, or none unless somebody connects again. */
  changed(state, attempt, wait, error, end, forGood) {
    const retryAt = wait === undefined ? undefined : Date.now() + wait;
    const connection = { state, attempt, retryAt, error };
    this.trace.state(connection);
    const snapshot = this.store.change(connection);
    if (end) this.events.end(end, forGood);
    this.store.tell(snapshot);
  }

  pinged(id) {
    this.trace.ping(id);
  }

  /** Connected again, maybe to another machine. */
  resumed(gap) {
    this.schemas.forget();
    if (this.check) this.schemas.load();
    this.#diagnose({ kind: "resumed", gap });
  }

  #diagnose(diagnostic) {
    try {
      this.#listener(diagnostic);
    } catch (thrown) {
      reportUncaught(thrown);
    }
  }
}

/** A reply that the reader did not take. */
export function settle(resolve, reject, text, bigint) {
  let value;
  try {
    value = parse(text, BIGINTS[bigint]);
  } catch (error) {
    return reject(error);
  }
  resolve(value);
}
