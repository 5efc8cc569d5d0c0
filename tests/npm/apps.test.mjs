// The package in the apps of others: each is built by another tool, or by none, connects to a machine and asks how it is.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Browser, startBridge, startQemu } from "../e2e/helpers.mjs";
import { esbuildBuild, rollupBuild, viteBuild, viteDev, webpackBuild } from "./bundlers.mjs";
import { shareConnection } from "./shared.mjs";
import { install, startSite } from "./site.mjs";

const run = promisify(execFile);
// As strict as a page with the package can be.
const STRICT = (bridge) =>
  `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' ws://${bridge} http://${bridge}; img-src data:`;

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

test("apps", { timeout: 180_000 }, async (t) => {
  const [app, site, qemu] = await Promise.all([install(t), startSite(t), startQemu(t)]);
  const { link } = await startBridge(t, "--vm", `vm1=${qemu.socket}`, "--allow-origin", site.origin);
  const place = { url: `ws://${link.host}/vm/vm1/qmp`, token: new URLSearchParams(link.hash.slice(1)).get("token") };
  const wasm = path.join(app, "node_modules/qmp-web/qmp_web_bg.wasm");

  const linkTo = (name) => new URL(`${site.origin}/${name}/#${encodeURIComponent(JSON.stringify(place))}`);
  /** What the app of this name shows in the end. */
  const said = async (t, name, expected) => {
    const { tab } = await browser.open(t, linkTo(name), { expected });
    await tab.waitForFunction(() => document.title !== "");
    return tab.title();
  };
  /** Two tabs of one visitor, which both show that the machine runs. */
  const openTabs = async (t, name) => {
    const { tab } = await browser.open(t, linkTo(name));
    const other = await tab.context().newPage();
    await other.goto(linkTo(name).href);
    for (const one of [tab, other]) {
      await one.waitForFunction(() => document.title !== "");
      assert.equal(await one.title(), "running");
    }
    return [tab, other];
  };
  const serve = (name, folder, policy = STRICT(link.host)) => {
    site.folders[name] = folder;
    site.policies[name] = policy;
  };

  const built = {
    "Vite": [viteBuild, "main.js"],
    "Vite, in a worker": [viteBuild, "worker.js"],
    "webpack": [webpackBuild, "main.js"],
    "webpack, in a worker": [webpackBuild, "worker.js"],
    "esbuild, inline": [esbuildBuild, "inline.js"],
    "Rollup, inline": [rollupBuild, "inline.js"],
  };
  for (const [title, [build, entry]] of Object.entries(built)) {
    await t.test(title, async (t) => {
      const name = title.replace(/\W+/g, "-");
      serve(name, await build(app, entry, name));
      assert.equal(await said(t, name), "running");
    });
  }

  await t.test("esbuild, with the address of the module", async (t) => {
    serve("esbuild", await esbuildBuild(app, "address.js", "esbuild"));
    await mkdir(path.join(app, "assets"));
    await copyFile(wasm, path.join(app, "assets/qmp_web_bg.wasm"));
    serve("assets", path.join(app, "assets"));
    assert.equal(await said(t, "esbuild"), "running");
  });

  await t.test("Rollup, with the module put beside the script; without it the error says what to do", async (t) => {
    const folder = await rollupBuild(app, "main.js", "rollup");
    serve("rollup", folder);
    assert.match(await said(t, "rollup", [/Failed to load resource/]), /^load: .*404.*give its address to init\(\)/);
    for (const file of ["qmp_web_bg.wasm", "qmp_web_schema_bg.wasm"]) await copyFile(path.join(path.dirname(wasm), file), path.join(folder, file));
    assert.equal(await said(t, "rollup"), "running");
  });

  for (const [title, build] of Object.entries({ Vite: viteBuild, webpack: webpackBuild })) {
    await t.test(`${title}: two tabs that share a connection`, { timeout: 30_000 }, async (t) => {
      const name = `shared-${title}`;
      serve(name, await build(app, "shared.js", name));
      await shareConnection(t, place, await openTabs(t, name));
    });
  }

  await t.test("esbuild, two tabs with a worker of the app's own", async (t) => {
    const folder = await esbuildBuild(app, "own-shared.js", "own");
    await esbuildBuild(app, "own-worker.js", "own", "own-worker.js");
    serve("own", folder);
    assert.equal(await said(t, "own"), "running");
  });

  for (const [title, entry] of Object.entries({ "": "main.js", ", a connection that is shared": "shared.js" })) {
    await t.test(`Vite, while developing${title}`, async (t) => {
      const dev = await viteDev(app, "dev");
      site.handlers.dev = dev.handle;
      site.scripts.dev = entry;
      try {
        assert.equal(await said(t, "dev"), "running");
      } finally {
        await dev.close();
      }
    });
  }

  await t.test("a content security policy without wasm-unsafe-eval is told of", async (t) => {
    serve("forbidden", path.join(app, "dist/Vite"), STRICT(link.host).replace("'wasm-unsafe-eval'", ""));
    serve("Vite", path.join(app, "dist/Vite"));
    const shown = await said(t, "forbidden", [/forbidden by script-src/, /unsafe-eval/]);
    assert.equal(shown, "load: the WebAssembly module could not be loaded: the content security policy needs script-src 'wasm-unsafe-eval'");
  });

  await t.test("R11: Node, with a WebSocket that is handed in; it exits by itself", async () => {
    const ws = path.join(import.meta.dirname, "node_modules/ws/wrapper.mjs");
    const { stdout, stderr } = await run("node", ["node.mjs", ws, place.url, place.token], { cwd: app, timeout: 20_000 });
    const lost = "connection-lost\n";
    assert.deepEqual({ stdout, stderr }, { stdout: `running\n${lost}${lost}${lost}`, stderr: "" });
  });

  await t.test("init takes whatever the module can be in", async () => {
    const bytes = `(await import("node:fs")).readFileSync(${JSON.stringify(wasm)})`;
    const address = JSON.stringify(`${site.origin}/assets/qmp_web_bg.wasm`);
    const inputs = {
      "nothing": "",
      "an address": address,
      "a file": JSON.stringify(pathToFileURL(wasm)),
      "a URL": `new URL(${address})`,
      "a request": `new Request(${address})`,
      "a response": `await fetch(${address})`,
      "a promise of it": `fetch(${address})`,
      "bytes": bytes,
      "a buffer": `new Uint8Array(${bytes}).buffer`,
      "a module": `new WebAssembly.Module(${bytes})`,
    };
    const ask = (name, input) => `
      import { init } from "qmp-web";
      const loaded = init(${input});
      if (init() !== loaded || (await loaded) !== undefined) throw new Error(${JSON.stringify(name)});
      init("nowhere:else");`;
    const running = Object.entries(inputs).map(([name, input]) => run("node", ["--input-type=module", "--eval", ask(name, input)], { cwd: app, timeout: 20_000 }));
    await Promise.all(running);
  });

  await t.test("a load that fails is told of, and tried again", async () => {
    const ask = `
      import { connect, init, QmpError } from "qmp-web";
      const failing = init(new Uint8Array([1, 2, 3]));
      const errors = await Promise.all([failing, connect(process.argv[1])].map((promise) => promise.catch((error) => error)));
      for (const error of errors) if (!(error instanceof QmpError) || error.kind !== "load" || !(error.cause instanceof Error)) throw error;
      await init();`;
    await run("node", ["--input-type=module", "--eval", ask, place.url], { cwd: app, timeout: 20_000 });
  });

  await t.test("where pages are rendered an import does nothing", async () => {
    // Whatever an entry might do at once; each would be seen.
    const traps = `
      const trap = (name) => () => { throw new Error(name + " at import"); };
      globalThis.fetch = trap("fetch");
      for (const name of ["compile", "instantiate", "compileStreaming", "instantiateStreaming", "Module", "Instance"]) WebAssembly[name] = trap(name);
      for (const name of ["setTimeout", "setInterval", "WebSocket", "SharedWorker", "DecompressionStream"]) globalThis[name] = trap(name);
      for (const file of ["index.js", "inline.js", "node.js", "shared.js"]) {
        const { connect } = await import("./node_modules/qmp-web/" + file);
        if (typeof connect !== "function") throw new Error(file);
      }
      const { MockServer } = await import("qmp-web/mock");
      new MockServer();`;
    await run("node", ["--input-type=module", "--eval", traps], { cwd: app, timeout: 20_000 });
  });
});
