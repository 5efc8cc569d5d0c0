// The worker of worker.js.

import { connect } from "qmp-web";
import { ask } from "./ask.js";

onmessage = async ({ data }) => postMessage(await ask(connect, data));
