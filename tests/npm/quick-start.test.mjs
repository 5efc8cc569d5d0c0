// The quick start of the README as a stranger takes it: its files are written and its commands are run, from an empty folder to a
// machine on a page. Only where things come from differs, and the ports.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Browser, freePort, program, start } from "../e2e/helpers.mjs";
import { pack } from "./site.mjs";

const run = promisify(execFile);
const PACKAGES = path.join(import.meta.dirname, "node_modules");

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

/** What the section says: files by their names, commands line by line, and the rest of its text. */
async function readQuickStart() {
  const readme = await readFile(path.join(import.meta.dirname, "../../npm/README.md"), "utf8");
  const [, section] = /^## Quick start$(.*?)^## /ms.exec(readme);
  const [files, commands] = [{}, []];
  for (const [, name, code] of section.matchAll(/`([\w.]+)`:\n\n```\w+\n(.*?)^```$/gms)) files[name] = code;
  for (const [, code] of section.matchAll(/\n\n```\n(.*?)^```$/gms)) commands.push(...code.trim().split("\n"));
  return { files, commands, text: section.replaceAll(/^```.*?^```$/gms, "").replaceAll(/\s+/g, " ") };
}

test("the quick start", { timeout: 120_000 }, async (t) => {
  const { files, commands, text } = await readQuickStart();
  const [{ folder, tarball }, bridgePort, pagePort] = await Promise.all([pack(t), freePort(), freePort()]);
  const app = path.join(folder, "stranger");
  await mkdir(app);
  const here = (said) => said.replaceAll("8090", bridgePort).replaceAll("5173", pagePort);
  const ours = (name) => (name === "qmp-web" ? tarball : path.join(PACKAGES, name));
  /** A program and its arguments. */
  const words = (command) => here(command).split(" ");

  assert.deepEqual(Object.keys(files), ["index.html", "main.ts", "tsconfig.json"]);
  for (const [name, code] of Object.entries(files)) await writeFile(path.join(app, name), here(code));
  const [qemu, bridge, vite] = commands.splice(-3).map(words);
  assert.deepEqual([qemu[0], bridge[0], ...vite.splice(0, 2)], ["qemu-system-x86_64", "qmp-bridge", "npx", "vite"]);
  for (const command of commands.map(words)) {
    assert.equal(command.shift(), "npm");
    const [verb, ...rest] = command;
    const args = verb === "install" ? ["--offline", "--no-audit", "--no-fund", ...rest.map((word) => (word.startsWith("-") ? word : ours(word)))] : rest;
    await run("npm", [verb, ...args], { cwd: app });
  }
  const bin = (name) => path.join(app, "node_modules/.bin", name);
  assert.match(text, /`npx tsc` checks .* `npx vite build` makes /);
  await run(bin("tsc"), { cwd: app }).catch(({ stdout }) => assert.fail(stdout));
  await run(bin("vite"), ["build"], { cwd: app });

  // Its greeting on the standard output tells that the socket listens.
  const machine = start(t, program("QMP_QEMU"), [...qemu.slice(1), "-accel", "tcg", "-qmp", "stdio"], { cwd: app });
  await machine.line(/"QMP"/);
  const listen = ["--listen", `127.0.0.1:${bridgePort}`];
  const [, link] = await start(t, program("QMP_BRIDGE"), [...bridge.slice(1), ...listen], { cwd: app }).line(/^console: (\S+)$/);
  const [, site] = await start(t, bin("vite"), [...vite, "--port", pagePort], { cwd: app, env: { ...process.env, NO_COLOR: "1" } }).line(/Local: +(\S+)/);

  const { hash } = new URL(link);
  assert.equal(link.replace(/token=[\w-]+/, "token=…"), here(/`console: (\S+)`/.exec(text)[1]));
  const { tab } = await browser.open(t, new URL(hash, site), { expected: [/Failed to load resource.*404/] });
  const says = (status) => {
    assert.ok(text.includes(`\`${status}\``), status);
    return tab.getByText(status, { exact: true }).waitFor();
  };
  await says("web1 is running");
  const console = await browser.open(t, new URL(link));
  assert.match(text, /type `stop` there/);
  await console.run("stop");
  await says("web1 is paused");

  // What goes wrong at first says what to do.
  const { tab: early } = await browser.open(t, new URL(site), { expected: [/WebSocket connection/, /Failed to load resource/] });
  await early.getByText(/a token is needed/).waitFor();
});
