// A network that fails as networks do, between a page and what it talks to: it is cut, it is gone without a word, it is slow,
// it breaks messages up.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { atEnd } from "./helpers.mjs";

/**
 * A TCP proxy. It takes nothing until `target`, a port, is set. What goes through takes up to `jitter` milliseconds longer
 * than `latency`, in its order, and `pieces` is how many bytes come at a time.
 */
export async function startProxy(t, { latency = 0, jitter = 0, pieces = Infinity } = {}) {
  const pairs = new Set();
  const each = (what) => [...pairs].forEach(what);
  const proxy = {
    target: undefined,
    stalled: false,
    refuses: false,
    /** How many connections were made. */
    connections: 0,
    /** Every connection is reset, in the middle of whatever it carries, at once or when `after` more bytes have come. */
    cut({ after = 0 } = {}) {
      each((pair) => pair.resetAfter(after));
    },
    /** Nothing goes through, in either direction, and nobody is told. */
    stall() {
      proxy.stalled = true;
      each((pair) => pair.stall());
    },
    /** New connections go through again. Those that were stalled are gone. */
    resume() {
      proxy.stalled = false;
      each((pair) => pair.waiting && pair.end());
    },
    /** Those that were stalled go on. */
    release() {
      proxy.stalled = false;
      each((pair) => pair.release());
    },
    /** Nobody is there, as when a bridge is started anew. */
    down() {
      proxy.refuses = true;
      proxy.cut();
    },
    up() {
      proxy.refuses = false;
    },
  };
  const server = createServer({ noDelay: true }, (near) => {
    if (proxy.target === undefined || proxy.stalled || proxy.refuses) return near.resetAndDestroy();
    proxy.connections += 1;
    pairs.add(new Pair(near, connect({ port: proxy.target, host: "127.0.0.1", noDelay: true }), { latency, jitter, pieces }, pairs));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy.port = server.address().port;
  atEnd(t, () => {
    proxy.cut();
    server.close();
  });
  return proxy;
}

class Pair {
  // What was on its way when it became silent.
  waiting;
  #sockets;
  #pairs;
  #left = Infinity;

  constructor(near, far, quality, pairs) {
    this.#sockets = [near, far];
    this.#pairs = pairs;
    for (const socket of this.#sockets) socket.on("close", () => this.end()).on("error", () => this.end());
    this.#carry(near, (bytes) => far.write(bytes), quality);
    this.#carry(far, (bytes) => this.#arrive(bytes), quality);
  }

  end() {
    this.#pairs.delete(this);
    for (const socket of this.#sockets) socket.destroy();
  }

  resetAfter(bytes) {
    this.#left = bytes;
    if (bytes > 0) return;
    this.#sockets[0].resetAndDestroy();
    this.end();
  }

  stall() {
    this.waiting ??= [];
    for (const socket of this.#sockets) socket.pause();
  }

  release() {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (const arrive of waiting) arrive();
    for (const socket of this.#sockets) socket.resume();
  }

  #carry(from, write, { latency, jitter, pieces }) {
    const arrive = (bytes) => (this.waiting ? this.waiting.push(() => write(bytes)) : write(bytes));
    if (latency + jitter === 0 && pieces === Infinity) return from.on("data", arrive);
    let last = Promise.resolve();
    from.on("data", (bytes) => {
      // Enough of each to break every message; the rest of a long one is a piece too.
      const ends = Array.from({ length: Math.min(PIECES, Math.ceil(bytes.length / pieces)) }, (_, i) => (i + 1) * pieces);
      ends[ends.length - 1] = bytes.length;
      const due = delay(latency + Math.random() * jitter);
      last = Promise.all([last, due]).then(async () => {
        let start = 0;
        for (const end of ends) {
          arrive(bytes.subarray(start, end));
          start = end;
          // So that it leaves before the next one.
          await new Promise(setImmediate);
        }
      });
    });
  }

  #arrive(bytes) {
    const [near] = this.#sockets;
    if (!near.destroyed) near.write(bytes.subarray(0, this.#left));
    this.#left -= bytes.length;
    if (this.#left <= 0) this.resetAfter(0);
  }
}

const PIECES = 100;
