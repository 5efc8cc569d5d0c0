// The contract of docs/js-api.md as cases: `{ name, needs, run }`. `needs` are what a server may lack, see backends.mjs;
// `run(at)` uses the client and asserts, see page.js. This file is read by Node for the names and by the page for the rest.

import { COMMANDS } from "./commands.js";
import { CONNECTING } from "./connecting.js";
import { EVENTS } from "./events.js";
import { FAULTS } from "./faults.js";
import { INTEGERS } from "./integers.js";
import { JOBS } from "./jobs.js";
import { WAITING } from "./waiting.js";

export const CASES = [COMMANDS, WAITING, EVENTS, INTEGERS, FAULTS, CONNECTING, JOBS].flat();
