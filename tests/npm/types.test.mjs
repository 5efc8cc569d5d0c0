// The installed package, as a compiler of others sees it: with what their libraries declare, and its own declarations checked.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { install } from "./site.mjs";

const PAGE = ["lib.es2022.d.ts", "lib.dom.d.ts"];
const BUNDLER = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
const NODE = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };

test("programs in TypeScript compile, with nothing left out of the check", async (t) => {
  const app = await install(t);
  const types = path.join(import.meta.dirname, "node_modules/@types");
  const programs = [
    ["page.ts", { ...BUNDLER, lib: PAGE, types: [] }],
    ["page.ts", { ...NODE, lib: PAGE, types: [] }],
    ["mock.ts", { ...NODE, lib: PAGE, types: [] }],
    ["node.ts", { ...NODE, lib: ["lib.es2022.d.ts"], types: ["node"], typeRoots: [types], paths: { ws: [path.join(types, "ws/index.d.ts")] } }],
  ];
  for (const [file, options] of programs) {
    const all = { strict: true, noEmit: true, skipLibCheck: false, target: ts.ScriptTarget.ES2022, ...options };
    const compiled = ts.createProgram([path.join(app, file)], all);
    const complaints = ts.getPreEmitDiagnostics(compiled).map(({ file, start, messageText }) => {
      const line = file ? `${path.basename(file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1} ` : "";
      return line + ts.flattenDiagnosticMessageText(messageText, "\n");
    });
    assert.deepEqual(complaints, [], file);
  }
});
