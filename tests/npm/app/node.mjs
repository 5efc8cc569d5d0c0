// A program for Node: it ends by itself once the connection is closed.

import { connect } from "qmp-web";
import { ask } from "./ask.js";

const [ws, url, token] = process.argv.slice(2);
const { WebSocket } = await import(ws);
console.log(await ask(connect, { url, token }, { WebSocket }));
