// What a class out of wasm-bindgen lacks: methods that are named by symbols or made of others, and a life as long as its
// connection's.

import { Job } from "./job.js";
import { connectionOnly } from "./store.js";

const open = new Set();
const schemasOf = new WeakMap();
// What the class has for us alone.
let query;

/** The client, complete, once it is live. */
export async function complete(client, store, trace, events, schemas, check) {
  // Who listens hears, whether or not anybody holds the client: it stays while its connection has not ended.
  const weak = new WeakRef(client);
  const keep = ({ state }) => {
    const client = weak.deref();
    if (state === "closed") open.delete(client);
    else if (client) open.add(client);
    if (client && state === "live") trace.version = client.version;
  };
  client.subscribe(connectionOnly(keep));
  // What is asked without a limit is answered, or lost with the connection.
  store.ask = () => weak.deref().execute("query-status", undefined, { timeout: Infinity });
  schemas.ask = () => query.call(weak.deref(), "query-qmp-schema");
  schemasOf.set(client, schemas);
  const prototype = Object.getPrototypeOf(client);
  if (!prototype.job) extend(prototype);
  await first(client);
  if (check) await schemas.load();
  events.release();
  return client;
}

// Waits until the connection is live.
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
  const { free } = prototype;
  ({ query } = prototype);
  delete prototype.query;
  prototype.job = function (command, args, options) {
    return new Job(this, command, args, options);
  };
  prototype.schema = async function () {
    return schemasOf.get(this).get();
  };
  prototype.free = function () {
    this.close();
    // Whoever calls may be called by one of the methods, which need the memory until they return. No other begins.
    const { __wbg_ptr: memory } = this;
    this.__wbg_ptr = 0;
    // Who hears of the end may have done the same.
    if (!memory) return;
    queueMicrotask(() => {
      this.__wbg_ptr = memory;
      free.call(this);
    });
  };
  // Not every browser has it.
  if (Symbol.asyncDispose) {
    prototype[Symbol.asyncDispose] = function () {
      return this.close();
    };
  }
}
