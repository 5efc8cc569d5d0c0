// The compiler of TypeScript, as strict as it gets, for pages and for Node.

import path from "node:path";
import ts from "typescript";

const TYPES = path.join(import.meta.dirname, "node_modules/@types");

export const BUNDLER = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
export const NODE = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
export const PAGE = { lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [] };
export const TYPES_OF_NODE = {
  lib: ["lib.es2022.d.ts"],
  types: ["node"],
  typeRoots: [TYPES],
  paths: { ws: [path.join(TYPES, "ws/index.d.ts")] },
};

/** What the compiler complains of in this file of an app. It writes nothing, unless options say otherwise. */
export function compile(app, file, options) {
  const all = { strict: true, noEmit: true, skipLibCheck: false, target: ts.ScriptTarget.ES2022, ...options };
  const compiled = ts.createProgram([path.join(app, file)], all);
  const complaints = [...ts.getPreEmitDiagnostics(compiled)];
  if (!all.noEmit) complaints.push(...compiled.emit().diagnostics);
  return complaints.map(({ file, start, messageText }) => {
    const line = file ? `${path.basename(file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1} ` : "";
    return line + ts.flattenDiagnosticMessageText(messageText, "\n");
  });
}

/** What an editor offers at the place in this text that is marked by a bar, first what comes first. */
export function complete(app, text, options) {
  const file = path.join(app, "edited.ts");
  const read = (name) => (name === file ? text.replace("|", "") : ts.sys.readFile(name));
  const settings = { strict: true, target: ts.ScriptTarget.ES2022, ...options };
  const editor = ts.createLanguageService({
    ...ts.sys,
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => read(name) && ts.ScriptSnapshot.fromString(read(name)),
    getCurrentDirectory: () => app,
    getCompilationSettings: () => settings,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  });
  return editor.getCompletionsAtPosition(file, text.indexOf("|"), {}).entries.map(({ name }) => name);
}
