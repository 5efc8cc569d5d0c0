// The worker of own-shared.js, with the WebAssembly module in it.

import { init } from "qmp-web/inline";
import "qmp-web/shared-worker";

init();
