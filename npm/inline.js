// The package with the WebAssembly modules inside, compressed, for where no file can be brought along.

import { entry } from "./load.js";
import client from "./qmp_web_bg.wasm.gz";

export * from "./api.js";
export const { init, initSchema, connect } = entry(
  () => decompress(client),
  async () => decompress((await import("./qmp_web_schema_bg.wasm.gz")).default),
);

function decompress(compressed) {
  const bytes = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(bytes).arrayBuffer();
}
