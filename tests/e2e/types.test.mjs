// The declarations of the built client, as a program in TypeScript sees them.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { program } from "./helpers.mjs";

test("a program in TypeScript compiles where it is right, and nowhere else", () => {
  const options = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts", "lib.dom.asynciterable.d.ts"],
    types: [],
    paths: { client: [path.join(program("QMP_CLIENT"), "index.d.ts")] },
  };
  const compiled = ts.createProgram([path.join(import.meta.dirname, "types.ts")], options);
  const complaints = ts.getPreEmitDiagnostics(compiled).map(({ file, start, messageText }) => {
    const line = file ? `${path.basename(file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1} ` : "";
    return line + ts.flattenDiagnosticMessageText(messageText, "\n");
  });
  assert.deepEqual(complaints, []);
});
