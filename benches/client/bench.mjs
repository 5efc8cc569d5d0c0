// Measures the built client beside others in one Chromium, and writes what was measured to $QMP_BENCH_SAMPLES. What the
// numbers should be is not known here.

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { openBrowser } from "./browser.mjs";
import { dialects, INTEGERS } from "./dialects.mjs";
import { askMachine } from "./machine.mjs";
import { serve } from "./server.mjs";

const ROUNDS = 25;
const WARM_UPS = 2;

const machine = await askMachine(variable("QMP_QEMU"));
let report;
const measured = new Promise((resolve, reject) => {
  report = ({ scenario, error, result }) => {
    if (scenario) console.log(scenario);
    if (error) reject(new Error(error));
    if (result) resolve(result);
  };
});
const server = await serve({
  files: {
    "/": "<!doctype html><link rel=icon href=data:,><script type=module src=/main.js></script>",
    "/main.js": await bundle(),
    "/plan.json": JSON.stringify({ sizes: Object.keys(machine.returns), integers: INTEGERS, rounds: ROUNDS, warmUps: WARM_UPS }),
  },
  client: variable("QMP_CLIENT"),
  dialects: dialects(machine),
  report,
});
const browser = await openBrowser(variable("QMP_CHROMIUM"), server.url);
try {
  const samples = await Promise.race([measured, browser.ended]);
  await writeFile(variable("QMP_BENCH_SAMPLES"), JSON.stringify(samples));
} finally {
  await browser.close();
  server.close();
}

/** The page's script, with the peers in it. The client is loaded as it was built. */
async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, "page/main.mjs")],
    bundle: true,
    format: "esm",
    target: "esnext",
    external: ["/client/*"],
    write: false,
  });
  return outputFiles[0].text;
}

function variable(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; \`cargo xtask bench client\` sets it`);
  return value;
}
