// What is in the package, and what the tools that judge packages say of it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { publint } from "publint";
import { program } from "../e2e/helpers.mjs";
import { pack } from "./site.mjs";

const run = promisify(execFile);

const FILES = [
  "CHANGELOG.md",
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
  "chunk-HASH.js",
  "chunk-HASH.js.map",
  "index.d.ts",
  "index.js",
  "index.js.map",
  "inline.js",
  "inline.js.map",
  "mock.d.ts",
  "mock.js",
  "mock.js.map",
  "node.js",
  "node.js.map",
  "package.json",
  "qmp-web-types.js",
  "qmp-web-types.js.map",
  "qmp_web.d.ts",
  "qmp_web_bg.wasm",
  "qmp_web_schema_bg.wasm",
  "qmp_web_types_bg.wasm",
  "schema/qemu-10.0.d.ts",
  "schema/qemu-7.2.d.ts",
  "shared-worker.d.ts",
  "shared-worker.js",
  "shared-worker.js.map",
  "shared.d.ts",
  "shared.js",
  "shared.js.map",
];

test("these files and no others, no script that runs at install, no dependency", async (t) => {
  const { facts } = await pack(t);
  const names = facts.files.map(({ path }) => path.replace(/^chunk-\w{8}/, "chunk-HASH"));
  assert.deepEqual([...new Set(names)].sort(), FILES);
  const manifest = JSON.parse(await readFile(path.join(program("QMP_CLIENT"), "package.json"), "utf8"));
  for (const absent of ["scripts", "dependencies", "peerDependencies", "optionalDependencies", "bundleDependencies"]) {
    assert.equal(manifest[absent], undefined, absent);
  }
  assert.equal(manifest.publishConfig.provenance, true);
});

test("every script has a map with its sources", async (t) => {
  const folder = program("QMP_CLIENT");
  const { facts } = await pack(t);
  const seen = new Set();
  for (const { path: script } of facts.files.filter(({ path }) => path.endsWith(".js"))) {
    const { sources, sourcesContent } = JSON.parse(await readFile(path.join(folder, `${script}.map`), "utf8"));
    assert.ok(sourcesContent.every(Boolean), script);
    for (const source of sources) {
      seen.add(path.basename(source));
      if (/\/mock[^/]*$/.test(source)) assert.equal(script, "mock.js", "who does not test does not load it");
    }
  }
  for (const source of ["load.js", "mock.js", "node.js", "reader.js", "shared-worker.js", "shared.js"]) assert.ok(seen.has(source), source);
});

test("publint has nothing to say", async () => {
  const { messages } = await publint({ pkgDir: program("QMP_CLIENT"), strict: true });
  assert.deepEqual(messages, []);
});

test("the types are those that are loaded, for who has modules", async (t) => {
  const { tarball } = await pack(t);
  const attw = path.join(import.meta.dirname, "node_modules/.bin/attw");
  await run(attw, [tarball, "--profile", "esm-only", "--exclude-entrypoints", "qmp_web_bg.wasm", "qmp_web_schema_bg.wasm", "--no-color"]).catch(({ stdout }) => assert.fail(stdout));
});
