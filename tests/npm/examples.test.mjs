// The examples as their READMEs say it: with the packed package installed, built where there is something to build, used as a
// person does, with a machine that runs and a network that fails.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, readFile, symlink } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { build } from "vite";
import { atEnd, Browser, program, startBridge, startQemu } from "../e2e/helpers.mjs";
import { startProxy } from "../e2e/proxy.mjs";
import { pack, startSite } from "./site.mjs";

const run = promisify(execFile);
const EXAMPLES = path.join(import.meta.dirname, "../../examples");
const PACKAGES = path.join(import.meta.dirname, "node_modules");
const COMPLAINTS = [/WebSocket connection to/, /Failed to load resource/];

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

/** A folder with the examples and the package; what else they need is what the tests have. */
async function install(t) {
  const { folder, tarball } = await pack(t);
  const examples = path.join(folder, "examples");
  const isSource = (file) => !/\/(node_modules|dist)(\/|$)/.test(path.relative(EXAMPLES, file));
  await cp(EXAMPLES, examples, { recursive: true, filter: isSource });
  const html = path.join(examples, "html");
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], { cwd: html });
  await symlink(path.join(html, "node_modules"), path.join(examples, "node_modules"));
  await symlink(PACKAGES, path.join(folder, "node_modules"));
  return examples;
}

test("the examples ask for what is tested", async () => {
  for (const name of ["html", "react", "svelte"]) {
    const { dependencies, devDependencies } = JSON.parse(await readFile(path.join(EXAMPLES, name, "package.json"), "utf8"));
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      const folder = name === "qmp-web" ? program("QMP_CLIENT") : path.join(PACKAGES, name);
      assert.equal(JSON.parse(await readFile(path.join(folder, "package.json"), "utf8")).version, version, name);
    }
  }
});

test("examples", { timeout: 180_000 }, async (t) => {
  const [examples, site, qemu, proxy] = await Promise.all([install(t), startSite(t), startQemu(t), startProxy(t)]);
  const host = `127.0.0.1:${proxy.port}`;
  const { link } = await startBridge(t, "--vm", `vm1=${qemu.socket}`, "--allow-origin", site.origin, "--allow-host", host);
  proxy.target = Number(link.port);
  const token = new URLSearchParams(link.hash.slice(1)).get("token");

  // No bundler: the folder as it is.
  site.folders.plain = examples;
  const places = { html: "plain/html/index.html", react: "react/", svelte: "svelte/" };
  for (const name of ["react", "svelte"]) {
    const root = path.join(examples, name);
    await build({ root, configFile: path.join(root, "vite.config.js"), logLevel: "error" });
    site.folders[name] = path.join(root, "dist");
    site.pages[name] = await readFile(path.join(root, "dist/index.html"));
  }

  for (const [name, place] of Object.entries(places)) {
    await t.test(name, { timeout: 60_000 }, async (t) => {
      const open = (token) => browser.open(t, new URL(`${site.origin}/${place}#${new URLSearchParams({ url: `ws://${host}/vm/vm1/qmp`, token })}`), { expected: COMPLAINTS, viewport: { width: 760, height: 620 } });
      const page = await open(token);
      const { tab } = page;
      const says = (label, text) => tab.getByLabel(label, { exact: true }).getByText(text).first().waitFor();
      await says("Connection", "live");
      await says("Machine", "running");
      assert.equal(new URL(tab.url()).hash.includes(token), false, "the token has left the address");
      await tab.getByRole("heading", { name: /^QEMU \d+\.\d+/ }).waitFor();

      await page.press("Pause");
      await says("Machine", "paused");
      await says("Events", "STOP");
      const run = async (command) => {
        await page.input.fill(command);
        await page.input.press("Enter");
      };
      await run("no-such-command");
      await tab.getByRole("alert").getByText(/CommandNotFound: .*no-such-command/).waitFor();
      await run("query-status");
      await says("Reply", '"status": "paused"');
      assert.equal(await tab.getByRole("alert").filter({ visible: true }).count(), 0, "the error is over");

      // What another one does is seen as it happens.
      const other = await open(token);
      await other.press("Resume");
      await says("Machine", "running");
      await says("Events", "RESUME");
      await page.screenshot(`example-${name}`);

      // A connection that is lost is shown, and made anew.
      atEnd(t, () => proxy.up());
      proxy.down();
      await says("Connection", "reconnecting");
      // It was lost, or then could not be made.
      await tab.getByRole("alert").getByText(/connection lost|cannot connect/).waitFor();
      assert.equal(await tab.getByRole("button", { name: "Pause" }).or(tab.getByRole("button", { name: "Resume" })).isDisabled(), true);
      proxy.up();
      await page.press("Connect again");
      await says("Connection", "live");
      await says("Machine", "running");

      // One that never was says why, and can be tried again.
      const { tab: stranger } = await open("wrong");
      await stranger.getByRole("alert").getByText(/the token is not valid/).waitFor();
      await stranger.getByLabel("Connection").getByText("closed").waitFor();
      await stranger.evaluate((token) => sessionStorage.setItem("qmp-token", token), token);
      await stranger.getByRole("button", { name: "Connect again" }).click();
      await stranger.getByLabel("Connection").getByText("live").waitFor();
    });
  }
});
