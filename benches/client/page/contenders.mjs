// Who is measured: each as its documentation says to use it, with the same two functions in front.

import { Client as RpcClient } from "rpc-websockets";
// For its side effect, which tells vscode-jsonrpc that it is in a browser.
import "vscode-jsonrpc/browser";
import { createWebSocketConnection, toSocket } from "vscode-ws-jsonrpc";
import { HandWritten } from "./hand_written.mjs";
import { KeepingWebSocket } from "./keeping_socket.mjs";

/** All of them by name, each with a connection of the browser's own and one that keeps what comes in. */
export async function contenders() {
  // Not at the top of the file: there nobody could tell that it failed.
  const qmp = await import("/client/index.js");
  const all = {};
  for (const [name, open] of Object.entries(OPEN)) {
    const direct = await open(qmp);
    globalThis.WebSocket = KeepingWebSocket;
    const keeping = await open(qmp);
    globalThis.WebSocket = Object.getPrototypeOf(KeepingWebSocket);
    all[name] = { direct, keeping, socket: KeepingWebSocket.latest };
  }
  return all;
}

const at = (path) => `ws://${location.host}${path}`;

async function ours(qmp, path, options) {
  const client = await qmp.connect(at(path), options);
  return (command, args) => client.execute(command, args);
}

async function handWritten(path, subprotocol) {
  const client = await HandWritten.connect(at(path), subprotocol);
  return (command, args) => client.execute(command, args);
}

async function rpcWebSockets() {
  const client = new RpcClient(at("/json-rpc"));
  await new Promise((resolve) => client.once("open", resolve));
  return (command) => client.call(command);
}

async function vscodeJsonRpc() {
  const socket = new WebSocket(at("/json-rpc"));
  await new Promise((resolve) => (socket.onopen = resolve));
  const connection = createWebSocketConnection(toSocket(socket), console);
  connection.listen();
  return (command) => connection.sendRequest(command);
}

const OPEN = {
  "ours, text": (qmp) => ours(qmp, "/messages"),
  "hand-written, text": () => handWritten("/messages", "qmp.v1"),
  "ours, binary": (qmp) => ours(qmp, "/bytes"),
  "hand-written, binary": () => handWritten("/bytes", "binary"),
  // As the two below do.
  "ours, rounding integers": (qmp) => ours(qmp, "/messages", { bigint: "never" }),
  "rpc-websockets": rpcWebSockets,
  "vscode-jsonrpc": vscodeJsonRpc,
};
