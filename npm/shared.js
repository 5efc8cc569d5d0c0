// One connection for all tabs: it is in a SharedWorker (shared-worker.js), and each tab has a client of it, which says over a
// port what it wants. Whether the other end of a port is still there is told by Web Locks.

import { decodeError, hold, whenGone } from "./ends.js";
import { makeError, messageOf, reportUncaught } from "./js/error.js";
import { EventStream, Events, once, until } from "./js/events.js";
import { Job } from "./js/job.js";

export { AbortError, CommandError, ConnectionLostError, JobError, QmpError, TimeoutError } from "./js/error.js";
export { Job };

export async function connect(url, options) {
  const { token, worker = start, ...plain } = options ?? {};
  for (const name in plain) if (!PLAIN.includes(name)) throw new TypeError(`there is no option ${name}, only ${["token", "worker", ...PLAIN].join(", ")}`);
  if (!globalThis.SharedWorker || !globalThis.navigator?.locks) {
    throw makeError("load", "a SharedWorker and Web Locks are needed, which browsers have for https and localhost", {});
  }
  const href = new URL(url, location.href).href;
  const shared = worker(`qmp-web ${href}`);
  let timer;
  const failed = new Promise((_, reject) => {
    const fail = (why) => reject(makeError("load", `the worker could not be loaded: ${why}`, {}));
    shared.onerror = ({ message = "see the console" }) => fail(message);
    timer = setTimeout(fail, PATIENCE, "it does not answer");
  });
  const client = new SharedClient(shared.port, token, () => clearTimeout(timer));
  try {
    return await Promise.race([client.join(href, plain), failed]);
  } catch (error) {
    client.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

class SharedClient {
  #port;
  #token;
  #release = () => {};
  #left = false;
  // What the worker has told last.
  #facts;
  #end = withResolvers();
  #events = new Events();
  // How many listen to events of each name.
  #heard = new Map();
  #listeners = new Set();
  // Commands by number.
  #waiting = new Map();
  #last = 0;
  #joined = withResolvers();

  constructor(port, token, greeted) {
    this.#port = port;
    this.#token = token;
    this.#told.hello = greeted;
    // Nothing comes that nobody has asked for.
    this.#events.flush();
    port.onmessage = ({ data: [verb, ...given] }) => this.#told[verb](...given);
  }

  async join(url, options) {
    const lock = await hold();
    this.#release = lock.release;
    this.#port.postMessage(["join", lock.name, url, options, this.#token !== undefined]);
    return this.#joined.promise;
  }

  // By what the worker says.
  #told = {
    joined: (facts, lock) => {
      whenGone(lock, () => this.#leave("the worker is gone"));
      this.#change(facts);
      this.#joined.resolve(this);
    },
    refused: (error) => this.#joined.reject(decodeError(error)),
    changed: (facts) => this.#change(facts),
    closed: (info) => this.#end.resolve(info),
    event: (event) => this.#events.emit(event),
    settled: (number, value) => this.#settle(number)?.resolve(value),
    failed: (number, error) => this.#settle(number)?.reject(decodeError(error)),
    token: async (number) => {
      try {
        const token = typeof this.#token === "function" ? await this.#token() : this.#token;
        this.#port.postMessage(["token", number, token]);
      } catch (thrown) {
        this.#port.postMessage(["token", number, undefined, messageOf(thrown)]);
      }
    },
  };

  get version() {
    return this.#facts.version;
  }

  get capabilities() {
    return [...this.#facts.capabilities];
  }

  get state() {
    return this.#facts.snapshot.state;
  }

  get closed() {
    return this.#end.promise;
  }

  getSnapshot() {
    return this.#facts.snapshot;
  }

  subscribe(listener) {
    const own = (snapshot) => listener(snapshot);
    this.#listeners.add(own);
    call(own, this.#facts.snapshot);
    return () => this.#listeners.delete(own);
  }

  async execute(command, args, options) {
    const { until: event, where, ...own } = options ?? {};
    if (event === undefined) return this.#send(command, args, own);
    return until(this.#source, namesOf(event), { ...own, where }, () => this.#send(command, args, own));
  }

  job(command, args, options) {
    return new Job(this, command, args, options);
  }

  on(event, listener) {
    const names = namesOf(event);
    if (typeof listener !== "function") throw new TypeError("listener must be a function");
    const off = this.#events.on(names, listener);
    this.#hear(names, 1);
    let on = true;
    return () => {
      if (!on) return;
      on = false;
      off();
      this.#hear(names, -1);
    };
  }

  async once(event, options) {
    if (this.#left) throw lost();
    return once(this.#source, namesOf(event), options ?? {});
  }

  events(event, options) {
    return new EventStream(this.#source, namesOf(event), options ?? {});
  }

  reconnect() {
    this.#port.postMessage(["reconnect"]);
  }

  async close() {
    this.#leave();
  }

  [Symbol.asyncDispose ?? Symbol()]() {
    return this.close();
  }

  get #source() {
    return { on: (names, listener) => this.on(names, listener), atEnd: (listener) => this.#events.atEnd(listener) };
  }

  #send(command, args, { signal, ...options }) {
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError("signal must be an AbortSignal");
    return new Promise((resolve, reject) => {
      if (this.#left) return reject(lost("not-sent"));
      if (signal?.aborted) return reject(aborted(command, "not-sent", signal));
      const number = (this.#last += 1);
      const abort = () => {
        this.#port.postMessage(["abort", number]);
        this.#settle(number).reject(aborted(command, "unknown", signal));
      };
      try {
        this.#port.postMessage(["execute", number, command, args, options]);
      } catch (thrown) {
        return reject(makeError("arguments", `${command}: ${messageOf(thrown)}`, { command }));
      }
      signal?.addEventListener("abort", abort);
      this.#waiting.set(number, { resolve, reject, done: () => signal?.removeEventListener("abort", abort) });
    });
  }

  #settle(number) {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    waiting?.done();
    return waiting;
  }

  // The worker sends what somebody hears.
  #hear(names, count) {
    for (const name of names) {
      const sum = (this.#heard.get(name) ?? 0) + count;
      if (sum > 0) this.#heard.set(name, sum);
      else this.#heard.delete(name);
    }
    this.#port.postMessage(["hear", this.#heard.has("*") ? ["*"] : [...this.#heard.keys()]]);
  }

  #change({ snapshot: { error, ...snapshot }, ...facts }) {
    const wasClosed = this.#facts?.snapshot.state === "closed";
    if (error) snapshot.error = decodeError(error);
    this.#facts = { ...facts, snapshot };
    if (snapshot.state === "closed") this.#events.end(lost(), false);
    else if (wasClosed) this.#end = withResolvers();
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) call(listener, snapshot);
  }

  // This tab has nothing to do with it any more.
  #leave(why) {
    if (this.#left) return;
    this.#left = true;
    this.#port.postMessage(["leave"]);
    this.#port.onmessage = null;
    this.#release();
    for (const number of [...this.#waiting.keys()]) this.#settle(number).reject(lost("unknown"));
    this.#events.end(lost(), true);
    if (!this.#facts) return;
    const error = why && { kind: "connection-lost", message: why, details: {} };
    this.#change({ ...this.#facts, capabilities: [], snapshot: { state: "closed", error } });
    this.#end.resolve(why ? { code: 1006, reason: why } : { code: 1000, reason: "" });
  }
}

// Bundlers know this way of starting a worker, and bring its script along.
function start(name) {
  return new SharedWorker(new URL("./shared-worker.js", import.meta.url), { type: "module", name });
}

function lost(outcome) {
  return makeError("connection-lost", `connection lost${outcome ? `; ${outcome}` : ""}`, outcome ? { outcome } : {});
}

function aborted(command, outcome, { reason: cause }) {
  return makeError("aborted", `${command}: nobody waits any more; ${outcome}`, { command, outcome, cause });
}

function namesOf(event) {
  const names = [event].flat();
  if (!names.every((name) => typeof name === "string")) throw new TypeError("event must be a string");
  return names;
}

function call(listener, snapshot) {
  try {
    listener(snapshot);
  } catch (thrown) {
    reportUncaught(thrown);
  }
}

function withResolvers() {
  const all = {};
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }));
  return all;
}

// Milliseconds for the worker to begin.
const PATIENCE = 30_000;
// Those that a worker can be told.
const PLAIN = ["bigint", "check", "greetingTimeout", "liveness", "negotiationTimeout", "reconnect", "timeout"];
