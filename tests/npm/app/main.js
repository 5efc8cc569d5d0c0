// As most apps begin.

import { connect } from "qmp-web";
import { ask } from "./ask.js";
import { place, show } from "./page.js";

show(ask(connect, place, { schema: true }));
