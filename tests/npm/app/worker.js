// An app whose connection is in a worker.

import { place, show } from "./page.js";

const worker = new Worker(new URL("./in-worker.js", import.meta.url), { type: "module" });
worker.postMessage(place);
show(
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject({ kind: "worker", message });
  }),
);
