// An app that says where the WebAssembly module is, because its bundler does not.

import { connect, init } from "qmp-web";
import { ask } from "./ask.js";
import { place, show } from "./page.js";

show(init(new URL("/assets/qmp_web_bg.wasm", location)).then(() => ask(connect, place)));
