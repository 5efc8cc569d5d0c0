// Who hears which events, by name. What an event means is not known here.

import { makeError, reportUncaught } from "./error.js";

const ALL = "*";
const CAPACITY = 1024;
// Browsers count in 31 bits and take what is longer for no time at all.
export const LONGEST = 2 ** 31 - 1;

export class Events {
  #listeners = new Map();
  #atEnd = new Set();
  #end;
  // Those that came before anybody could listen.
  #held = [];
  #unhandled;
  #watched = { names: new Set() };
  // Whether somebody wants every event.
  #all = true;

  /** `unhandled`, if given, is called with each event that nobody listens for. */
  constructor(unhandled) {
    this.#unhandled = unhandled;
  }

  /** Calls `listener` with each event of these names, or with every one for "*", until the function that it gives is called. */
  on(names, listener) {
    // One of its own, so that the same function can listen twice.
    const own = (event) => listener(event);
    for (const name of names) {
      if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
      this.#listeners.get(name).add(own);
    }
    this.#changed();
    return () => {
      for (const name of names) {
        const listeners = this.#listeners.get(name);
        listeners?.delete(own);
        if (listeners?.size === 0) this.#listeners.delete(name);
      }
      this.#changed();
    };
  }

  /** Calls `watcher` whenever there is an event of these names, which does not make it a handled one. */
  watch(names, watcher) {
    this.#watched = { names, watcher };
  }

  /** Whether anybody would hear it. */
  hears(name) {
    return this.#all || this.#listeners.has(name) || this.#watched.names.has(name);
  }

  /** Who has just got the connection has had time to listen once the tasks of this moment are done. */
  release() {
    setTimeout(() => this.flush());
  }

  /** Who has just listened or does so next hears those that were held, before any reply. */
  flushSoon() {
    queueMicrotask(() => this.flush());
  }

  /** Tells those that were held. */
  flush() {
    if (!this.#held) return;
    const held = this.#held;
    this.#held = undefined;
    this.#changed();
    for (const event of held) this.emit(event);
  }

  /** Calls `listener` when no event can come any more, with the reason; at once if that is so. Gives a function that ends it. */
  atEnd(listener) {
    if (this.#end) listener(this.#end.reason);
    else this.#atEnd.add(listener);
    return () => this.#atEnd.delete(listener);
  }

  /** No event comes any more, or none unless somebody connects again: then who listens still hears. */
  end(reason, forGood) {
    if (this.#end) return;
    if (forGood) {
      this.#end = { reason };
      for (const listeners of this.#listeners.values()) listeners.clear();
      this.#listeners.clear();
      this.#changed();
    }
    for (const listener of [...this.#atEnd]) listener(reason);
    this.#atEnd.clear();
  }

  emit(event) {
    if (this.#held) {
      this.#held.push(event);
      return;
    }
    if (this.#watched.names.has(event.event)) this.#watched.watcher();
    const named = this.#listeners.get(event.event);
    const all = this.#listeners.get(ALL);
    // Those who listen now; a listener may add and remove others, itself included.
    const heard = [named, all].flatMap((listeners) => [...(listeners ?? [])].map((listener) => [listeners, listener]));
    if (heard.length === 0 && this.#unhandled) heard.push([new Set([this.#unhandled]), this.#unhandled]);
    for (const [listeners, listener] of heard) {
      // An earlier one may have ended it.
      if (!listeners.has(listener)) continue;
      try {
        listener(event);
      } catch (thrown) {
        reportUncaught(thrown);
      }
    }
  }

  #changed() {
    this.#all = Boolean(this.#held ?? this.#unhandled) || this.#listeners.has(ALL);
  }
}

/** Events as an async iterator. It keeps so many that are not taken yet; then the oldest go, and are counted. */
export class EventStream {
  #queue = [];
  #waiting = [];
  #capacity;
  #off = () => {};
  #ended = false;
  dropped = 0;

  constructor(events, names, { signal, capacity = CAPACITY } = {}) {
    this.#capacity = capacity;
    const end = () => this.#finish();
    const offs = [events.on(names, (event) => this.#push(event)), events.atEnd(end), onAbort(signal, end)];
    this.#off = () => offs.forEach((off) => off());
    if (this.#ended) this.#off();
  }

  #push(event) {
    if (this.#ended) return;
    const waiting = this.#waiting.shift();
    if (waiting) return waiting({ value: event, done: false });
    this.#queue.push(event);
    if (this.#queue.length > this.#capacity) {
      this.#queue.shift();
      this.dropped += 1;
    }
  }

  #finish() {
    if (this.#ended) return;
    this.#ended = true;
    this.#off();
    for (const waiting of this.#waiting.splice(0)) waiting({ value: undefined, done: true });
  }

  next() {
    if (this.#queue.length > 0) return Promise.resolve({ value: this.#queue.shift(), done: false });
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(value) {
    this.#finish();
    this.#queue.length = 0;
    return Promise.resolve({ value, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/**
 * The first event of these names from now on that `where` is true of. Rejects after `timeout` milliseconds, when the signal
 * says so, and when no event can come any more.
 */
export function once(events, names, { signal, timeout = Infinity, where = () => true } = {}) {
  return new Promise((resolve, reject) => {
    const offs = [];
    let settled = false;
    const leave = () => offs.splice(0).forEach((off) => off());
    const settle = (how, value) => {
      settled = true;
      leave();
      how(value);
    };
    const fail = (kind, what, cause) => settle(reject, makeError(kind, `${names.join(", ")}: ${what}`, { cause }));
    const heard = (event) => {
      try {
        if (where(event)) settle(resolve, event);
      } catch (thrown) {
        settle(reject, thrown);
      }
    };
    offs.push(events.on(names, heard));
    if (timeout < Infinity) {
      const timer = setTimeout(() => fail("timeout", "no such event in time"), Math.min(timeout, LONGEST));
      offs.push(() => clearTimeout(timer));
    }
    // These two may settle it at once, after which nothing must stay behind.
    offs.push(events.atEnd((reason) => settle(reject, reason)));
    offs.push(onAbort(signal, () => fail("aborted", "nobody waits any more", signal.reason)));
    if (settled) leave();
  });
}

/** Executes, having listened before: the reply and the first such event, in whatever order they come. */
export async function until(events, names, options, execute) {
  const gone = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, gone.signal]) : gone.signal;
  const first = once(events, names, { ...options, signal });
  // If the command fails, that is what is told.
  first.catch(() => {});
  try {
    const reply = await execute();
    return { reply, event: await first };
  } finally {
    gone.abort();
  }
}

// Calls the listener when the signal says so, at once if it has. Gives a function that ends it.
function onAbort(signal, listener) {
  if (!signal) return () => {};
  if (signal.aborted) listener();
  else signal.addEventListener("abort", listener);
  return () => signal.removeEventListener("abort", listener);
}
