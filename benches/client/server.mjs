// Serves the page, and to its WebSockets what the dialects say.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { json } from "node:stream/consumers";
import { WebSocketServer } from "ws";

/**
 * A server on a free port. `files` are what it serves by path, `client` is the folder behind `/client/`, `report` gets
 * what the page posts.
 */
export async function serve({ files, client, dialects, report }) {
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      report(await json(request));
      response.end();
      return;
    }
    // Only so isolated does a page get a clock of 5 µs instead of 100.
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    const { pathname } = new URL(request.url, "http://site");
    try {
      const body = files[pathname] ?? (await readFile(path.join(client, path.relative("/client", pathname))));
      response.setHeader("content-type", TYPES[path.extname(pathname)] ?? "text/html");
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  const sockets = new WebSocketServer({
    server,
    perMessageDeflate: false,
    handleProtocols: (_, { url }) => dialects[url].subprotocol ?? false,
  });
  sockets.on("connection", (socket, { url }) => converse(socket, dialects[url]));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
}

function converse(socket, { binary, greeting, events, reply }) {
  const send = (frame) => socket.send(frame, { binary });
  if (greeting) send(greeting);
  socket.on("message", (data) => {
    const { execute, method, id, arguments: { count = 0 } = {} } = JSON.parse(data);
    for (let sent = 0; sent < count; sent++) send(events[sent % events.length]);
    send(reply(execute ?? method, JSON.stringify(id)));
  });
}

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };
