// The package with the WebAssembly module inside, compressed, for where no file can be brought along.

import { entry } from "./load.js";
import compressed from "./qmp_web_bg.wasm.gz";

export * from "./api.js";
export const { init, connect } = entry(() => {
  const bytes = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(bytes).arrayBuffer();
});
