// The installed package, as a compiler of others sees it: with what their libraries declare, and its own declarations checked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BUNDLER, compile, NODE, openEditor, PAGE, TYPES_OF_NODE } from "./compiler.mjs";
import { install } from "./site.mjs";

test("programs in TypeScript compile, with nothing left out of the check", async (t) => {
  const app = await install(t);
  const programs = [
    ["page.ts", { ...BUNDLER, ...PAGE }],
    ["page.ts", { ...NODE, ...PAGE }],
    ["typed.ts", { ...BUNDLER, ...PAGE }],
    ["node.ts", { ...NODE, ...TYPES_OF_NODE }],
    ["mock.ts", { ...NODE, ...PAGE }],
  ];
  for (const [file, options] of programs) assert.deepEqual(compile(app, file, options), [], file);
});

test("an editor offers commands, arguments and values, and events with what they tell", async (t) => {
  const offer = openEditor(await install(t), { ...NODE, ...PAGE });
  const offered = (line) => offer(`import type { Client } from "qmp-web"; declare const vm: Client; ${line}`);
  assert.ok(offered('vm.execute("|")').includes("query-status"));
  assert.deepEqual(offered('vm.execute("blockdev-mirror", { | })').slice(0, 4), ["device", "sync", "target", '"auto-dismiss"']);
  assert.deepEqual(offered('vm.execute("blockdev-mirror", { sync: "|" })').sort(), ["bitmap", "full", "incremental", "none", "top"]);
  const qcow2 = offered('vm.execute("blockdev-add", { driver: "qcow2", | })');
  assert.ok(qcow2.includes('"lazy-refcounts"') && !qcow2.includes("filename"), "those of the variant");
  assert.ok(offered('vm.on("|", () => {})').includes("SHUTDOWN"));
  assert.deepEqual(offered('vm.on("SHUTDOWN", ({ data }) => data.|)'), ["guest", "reason"]);
  assert.ok(offered('vm.execute("stop", {}, { until: "|" })').includes("STOP"));
});
