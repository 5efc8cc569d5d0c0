// The package with the WebAssembly modules inside, compressed, for where no file can be brought along, nor a second script.

import { entry } from "./load.js";
import client from "./qmp_web_bg.wasm.gz";
import schema from "./qmp_web_schema_bg.wasm.gz";

export * from "./api.js";
export const { init, initSchema, connect } = entry(
  () => decompress(client),
  () => decompress(schema),
);

function decompress(compressed) {
  const bytes = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(bytes).arrayBuffer();
}
