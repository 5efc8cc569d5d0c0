// The installed package, as a compiler of others sees it: with what their libraries declare, and its own declarations checked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BUNDLER, compile, NODE, PAGE, TYPES_OF_NODE } from "./compiler.mjs";
import { install } from "./site.mjs";

test("programs in TypeScript compile, with nothing left out of the check", async (t) => {
  const app = await install(t);
  const programs = [
    ["page.ts", { ...BUNDLER, ...PAGE }],
    ["page.ts", { ...NODE, ...PAGE }],
    ["typed.ts", { ...BUNDLER, ...PAGE }],
    ["node.ts", { ...NODE, ...TYPES_OF_NODE }],
  ];
  for (const [file, options] of programs) assert.deepEqual(compile(app, file, options), [], file);
});
