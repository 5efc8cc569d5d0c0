// What a page calls: the class out of wasm-bindgen with what it lacks. What costs no decision about QMP is done here.

import { makeError, messageOf } from "./error.js";
import { EventStream, once, until } from "./events.js";
import { Job } from "./job.js";
import { stringify } from "./json.js";
import { ANY, BOOLEAN, COUNT, FUNCTION, MILLISECONDS, SIGNAL, STRING, check, read } from "./options.js";
import { connectionOnly } from "./store.js";

const PAGE = Symbol("page");
const ONCE = { signal: SIGNAL, timeout: MILLISECONDS, where: FUNCTION };
const EXECUTE = { oob: BOOLEAN, until: ANY, ...ONCE };
const NAMED = ["a name or some", (count) => count > 0];
const STREAM = { capacity: COUNT, signal: SIGNAL };

const open = new Set();
// What the class has for us alone.
const raw = {};

/** The client, complete, once it is live. */
export async function complete(client, page) {
  // Who listens hears, whether or not anybody holds the client: it stays while its connection has not ended.
  const weak = new WeakRef(client);
  Object.defineProperty(client, PAGE, { value: page });
  const prototype = Object.getPrototypeOf(client);
  if (!prototype.job) extend(prototype);
  const keep = ({ state }) => {
    const client = weak.deref();
    if (state === "closed") open.delete(client);
    else if (client) open.add(client);
    if (client && state === "live") page.trace.version = client.version;
    if (client) settleClosed(client, page);
  };
  client.subscribe(connectionOnly(keep));
  // What is asked without a limit is answered, or lost with the connection.
  page.store.ask = () => weak.deref().execute("query-status", undefined, { timeout: Infinity });
  page.schemas.ask = () => send(weak.deref(), page, "query-qmp-schema", undefined, {});
  await first(client);
  if (page.check) await page.schemas.load();
  page.events.release();
  return client;
}

// Waits until the connection is live. If that fails, nothing is tried again: whoever wrote the address is there to see it.
function first(client) {
  return new Promise((resolve, reject) => {
    const off = client.subscribe(
      connectionOnly(({ state, error }) => {
        if (state === "connecting") return;
        queueMicrotask(() => off());
        if (state === "live") return resolve();
        reject(error);
        client.free();
      }),
    );
  });
}

function extend(prototype) {
  for (const name of ["abandon", "close", "defaultTimeout", "lastClose", "send"]) {
    raw[name] = prototype[name];
    delete prototype[name];
  }
  const { free } = prototype;
  const methods = {
    execute(command, args, options) {
      return rejecting(() => execute(this, this[PAGE], command, args, options));
    },
    job(command, args, options) {
      return new Job(this, command, args, options);
    },
    on(event, listener) {
      return this[PAGE].events.on(namesOf(event), check("listener", listener, FUNCTION));
    },
    once(event, options) {
      return rejecting(() => once(this[PAGE].events, namesOf(event), read(options, ONCE)));
    },
    events(event, options) {
      return new EventStream(this[PAGE].events, namesOf(event), read(options, STREAM));
    },
    async schema() {
      return this[PAGE].schemas.get();
    },
    getSnapshot() {
      return this[PAGE].store.get();
    },
    subscribe(listener) {
      return this[PAGE].store.subscribe(check("listener", listener, FUNCTION));
    },
    async close() {
      raw.close.call(this);
    },
    free() {
      raw.close.call(this);
      // Whoever calls may be called by one of the methods, which need the memory until they return. No other begins.
      const { __wbg_ptr: memory } = this;
      this.__wbg_ptr = 0;
      // Who hears of the end may have done the same.
      if (!memory) return;
      queueMicrotask(() => {
        this.__wbg_ptr = memory;
        free.call(this);
      });
    },
    get trace() {
      return this[PAGE].trace;
    },
    get closed() {
      const page = this[PAGE];
      if (!page.closed) {
        const closed = (page.closed = {});
        closed.promise = new Promise((resolve) => (closed.resolve = resolve));
      }
      settleClosed(this, page);
      return page.closed.promise;
    },
  };
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(methods));
  // Not every browser has it.
  if (Symbol.asyncDispose) {
    prototype[Symbol.asyncDispose] = function () {
      return this.close();
    };
  }
}

function execute(client, page, command, args, options) {
  const given = read(options, EXECUTE);
  const text = textOf(check("command", command, STRING), args);
  page.begin();
  if (page.check) page.schemas.check(command, text);
  if (given.until === undefined) return send(client, page, command, text, given);
  const timeout = given.timeout ?? page.timeout ?? raw.defaultTimeout.call(client, command);
  return until(page.events, namesOf(given.until), { ...given, timeout }, () => send(client, page, command, text, given));
}

// A promise of what the command returns. It is sent at once.
function send(client, page, command, text, { oob = false, timeout = page.timeout, signal }) {
  return new Promise((resolve, reject) => {
    if (!signal) {
      raw.send.call(client, command, text, oob, timeout, resolve, reject);
      return;
    }
    const outcomes = { "not-sent": "the command was not sent", unknown: "the command may have run" };
    const fail = (outcome) => {
      const message = `${command}: nobody waits any more; ${outcomes[outcome]}`;
      reject(makeError("aborted", message, { command, outcome, cause: signal.reason }));
    };
    if (signal.aborted) return fail("not-sent");
    const abort = () => {
      const mayRun = raw.abandon.call(client, number);
      if (mayRun !== undefined) fail(mayRun ? "unknown" : "not-sent");
    };
    let settled = false;
    // A signal may outlive a million commands.
    const off = (settle) => (value) => {
      settled = true;
      signal.removeEventListener("abort", abort);
      settle(value);
    };
    const number = raw.send.call(client, command, text, oob, timeout, off(resolve), off(reject));
    // Who sees it sent, in the trace, may give it up.
    if (settled) return;
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

// Resolves the promise of the end, if somebody has asked and that has come.
function settleClosed(client, page) {
  if (client.state === "closed") {
    page.wasClosed = true;
    page.closed?.resolve(raw.lastClose.call(client));
  } else if (page.wasClosed) {
    // The next end is another one.
    page.wasClosed = false;
    page.closed = undefined;
  }
}

// Arguments as JSON text, if there are any.
function textOf(command, args) {
  if (args === undefined || args === null) return undefined;
  let [text, reason] = [undefined, "not a JSON value"];
  try {
    text = stringify(args);
  } catch (thrown) {
    reason = messageOf(thrown);
  }
  if (text === undefined) throw makeError("arguments", `arguments of ${command}: ${reason}`, { command });
  return text;
}

// Names of events: one, or an array of them. Who named none would wait for ever.
function namesOf(event) {
  const names = Array.isArray(event) ? [...event] : [event];
  check("event", names.length, NAMED);
  for (const name of names) check("event", name, STRING);
  return names;
}

function rejecting(promise) {
  try {
    return promise();
  } catch (error) {
    return Promise.reject(error);
  }
}
