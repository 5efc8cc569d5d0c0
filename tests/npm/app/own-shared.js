// As shared.js, where the bundler does not know of the worker.

import { connect } from "qmp-web/shared";
import { ask } from "./ask.js";
import { place, show } from "./page.js";

show(ask(connect, place, { worker: (name) => new SharedWorker("own-worker.js", { type: "module", name }) }));
