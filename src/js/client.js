// What a class out of wasm-bindgen lacks: methods that are named by symbols or made of others, and a life as long as its
// connection's.

import { Job } from "./job.js";

const open = new Set();

/** The client, complete. */
export function complete(client) {
  // Who listens hears, whether or not anybody holds the client: it stays while its connection has not ended.
  const weak = new WeakRef(client);
  client.subscribe(({ state }) => {
    const client = weak.deref();
    if (state === "closed") open.delete(client);
    else if (client) open.add(client);
  });
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
