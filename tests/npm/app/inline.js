// An app that brings along no file but its script.

import { connect } from "qmp-web/inline";
import { ask } from "./ask.js";
import { place, show } from "./page.js";

show(ask(connect, place, { schema: true }));
