// An app whose tabs have one connection.

import * as qmp from "qmp-web/shared";
import { ask } from "./ask.js";
import { place, show } from "./page.js";

const token = () => place.token;
globalThis.open = (options) => qmp.connect(place.url, { token, ...options });
globalThis.qmp = qmp;
show(ask(() => open(), place));
