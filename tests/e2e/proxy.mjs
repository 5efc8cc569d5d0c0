// A network that fails as networks do, between a page and a bridge: it is cut, it is gone without a word, it is slow.

import { once } from "node:events";
import { connect, createServer } from "node:net";

/** A TCP proxy. It takes nothing until `target`, a port, is set. */
export async function startProxy(t) {
  const pairs = new Set();
  const proxy = {
    target: undefined,
    stalled: false,
    /** How many connections were made. */
    connections: 0,
    /** Every connection is reset, in the middle of whatever it carries. */
    cut() {
      for (const [near, far] of pairs) {
        near.resetAndDestroy();
        far.destroy();
      }
    },
    /** Nothing goes through, in either direction, and nobody is told. */
    stall() {
      proxy.stalled = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    /** New connections go through again. Those that were stalled stay so. */
    resume() {
      proxy.stalled = false;
    },
  };
  const server = createServer((near) => {
    if (proxy.target === undefined || proxy.stalled) return near.resetAndDestroy();
    proxy.connections += 1;
    const far = connect(proxy.target, "127.0.0.1");
    const pair = [near, far];
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) socket.on("close", end).on("error", end);
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => near.write(bytes));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy.port = server.address().port;
  t.after(() => {
    proxy.cut();
    server.close();
  });
  return proxy;
}
