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

/**
 * An editor of a file in an app: a function that says what is offered at the place in a text that is marked by a bar, first what
 * comes first.
 */
export function openEditor(app, options) {
  const file = path.join(app, "edited.ts");
  const settings = { strict: true, target: ts.ScriptTarget.ES2022, ...options };
  let [text, version] = ["", 0];
  const read = (name) => (name === file ? text : ts.sys.readFile(name));
  const editor = ts.createLanguageService({
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(version) : "1"),
    getScriptSnapshot: (name) => ts.ScriptSnapshot.fromString(read(name) ?? ""),
    getCurrentDirectory: () => app,
    getCompilationSettings: () => settings,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  });
  return (marked) => {
    text = marked.replace("|", "");
    version += 1;
    return editor.getCompletionsAtPosition(file, marked.indexOf("|"), {}).entries.map(({ name }) => name);
  };
}
