// What a class out of wasm-bindgen lacks: methods that are named by symbols or made of others, and a life as long as its
// connection's.

import { Job } from "./job.js";
import { connectionOnly } from "./store.js";

const open = new Set();

/** The client, complete. */
export function complete(client, store, trace) {
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
  const prototype = Object.getPrototypeOf(client);
  prototype.job ??= function (command, args, options) {
    return new Job(this, command, args, options);
  };
  // Not every browser has it.
  if (Symbol.asyncDispose) {
    prototype[Symbol.asyncDispose] ??= function () {
      return this.close();
    };
  }
  return client;
}
