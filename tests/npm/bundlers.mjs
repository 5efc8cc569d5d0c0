// What bundlers make of the app, each with as little said to it as possible.

import path from "node:path";
import resolve from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import * as rollup from "rollup";
import * as vite from "vite";
import webpack from "webpack";

/** Vite, to be served from `/NAME/`. */
export async function viteBuild(app, entry, name) {
  const outDir = path.join(app, "dist", name);
  const rolldownOptions = { input: path.join(app, entry), output: { entryFileNames: "main.js" } };
  await vite.build({ root: app, base: `/${name}/`, configFile: false, logLevel: "error", build: { outDir, rolldownOptions } });
  return outDir;
}

/** Vite's server for developers, as a handler of requests. */
export async function viteDev(app, name) {
  const server = { middlewareMode: true, hmr: false, ws: false };
  const dev = await vite.createServer({ root: app, base: `/${name}/`, configFile: false, logLevel: "error", appType: "custom", server });
  return { handle: (request, response) => dev.middlewares(request, response), close: () => dev.close() };
}

export async function webpackBuild(app, entry, name) {
  const folder = path.join(app, "dist", name);
  const compiler = webpack({
    mode: "production",
    context: app,
    entry: `./${entry}`,
    performance: { hints: false },
    output: { path: folder, filename: "main.js", publicPath: `/${name}/` },
  });
  const stats = await new Promise((resolve, reject) => compiler.run((error, stats) => (error ? reject(error) : resolve(stats))));
  await new Promise((resolve) => compiler.close(resolve));
  if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString("errors-warnings"));
  return folder;
}

export async function esbuildBuild(app, entry, name, file = "main.js") {
  const folder = path.join(app, "dist", name);
  const outfile = path.join(folder, file);
  await esbuild.build({ entryPoints: [path.join(app, entry)], bundle: true, format: "esm", minify: true, outfile, logLevel: "error" });
  return folder;
}

export async function rollupBuild(app, entry, name) {
  const folder = path.join(app, "dist", name);
  const bundle = await rollup.rollup({ input: path.join(app, entry), plugins: [resolve({ browser: true })] });
  await bundle.write({ file: path.join(folder, "main.js"), format: "es" });
  await bundle.close();
  return folder;
}
