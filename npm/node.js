// The package in Node, whose fetch reads no files.

import { entry } from "./load.js";

export * from "./api.js";
export const { init, initSchema, connect } = entry(
  () => new URL("./qmp_web_bg.wasm", import.meta.url),
  () => new URL("./qmp_web_schema_bg.wasm", import.meta.url),
  read,
);

async function read(input) {
  const isFile = (typeof input === "string" || input instanceof URL) && new URL(input).protocol === "file:";
  return isFile ? (await import("node:fs/promises")).readFile(new URL(input)) : input;
}
