// The package in a page or a worker: the WebAssembly module is fetched from beside the scripts. Bundlers know this way of
// naming a file, and bring it along.

import { entry } from "./load.js";

export * from "./api.js";
export const { init, initSchema, connect } = entry(
  () => new URL("./qmp_web_bg.wasm", import.meta.url),
  () => new URL("./qmp_web_schema_bg.wasm", import.meta.url),
);
