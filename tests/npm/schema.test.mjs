// Types made of the schemas of real QEMUs: those in the package, and those that its program makes of somebody's machine.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { program, startBridge, startQemuOf } from "../e2e/helpers.mjs";
import { compile, NODE } from "./compiler.mjs";
import { install } from "./site.mjs";

const WS = path.join(import.meta.dirname, "node_modules/ws/wrapper.mjs");
const QEMUS = { "the installed QEMU": program("QMP_QEMU"), "QEMU 10.0": process.env.QMP_TEST_QEMU_10 };

for (const [name, qemu] of Object.entries(QEMUS)) {
  test(`the program types ${name}, behind a bridge`, { skip: !qemu, timeout: 180_000 }, async (t) => {
    const [app, machine] = await Promise.all([install(t), startQemuOf(t, qemu)]);
    const { url, token } = await startBridged(t, machine.socket);
    const { stdout, stderr } = await types(app, [url], { QMP_TOKEN: token });
    assert.equal(stderr, "");

    const [, version] = /^\/\/ The commands and events of QEMU (\d+\.\d+), /.exec(stdout);
    const delivered = path.join(app, "node_modules/qmp-web/schema", `qemu-${version}.d.ts`);
    if (["7.2", "10.0"].includes(version)) assert.equal(stdout, await readFile(delivered, "utf8"), "what is in the package is made anew");
    for (const mark of [/\/\*\* @deprecated \*\/\n  "?[\w-]+"?\?: /, /\/\*\* @deprecated \*\/\n  \| "/, /\/\*\* @experimental \*\/\n  "x-/]) assert.match(stdout, mark);

    await writeFile(path.join(app, "qmp.d.ts"), stdout);
    assert.deepEqual(compile(app, "own.ts", { ...NODE, lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [], noEmit: false }), []);
    const ran = await run("node", ["own.js", WS, url, token], app);
    assert.deepEqual(ran, { code: 0, stdout: "command\nrunning true STOP true boolean 9007199254740993n disk\n", stderr: "" });
  });
}

test("the program takes a socket, a file and the standard input, and says what is wrong with them", { timeout: 180_000 }, async (t) => {
  const [app, machine] = await Promise.all([install(t), startQemuOf(t, program("QMP_QEMU"))]);
  const direct = await types(app, [`unix:${machine.socket}`, "--output", "direct.d.ts"]);
  assert.deepEqual(direct, { code: 0, stdout: "", stderr: "" });
  const declared = await readFile(path.join(app, "direct.d.ts"), "utf8");

  const { url, token } = await startBridged(t, machine.socket);
  await writeFile(path.join(app, "token"), `${token}\n`);
  const asked = `
    import { connect } from "qmp-web";
    const { WebSocket } = await import(process.argv[1]);
    const vm = await connect(process.argv[2], { token: process.argv[3], WebSocket });
    console.log(JSON.stringify({ return: await vm.execute("query-qmp-schema"), id: 1 }));
    await vm.close();`;
  const reply = (await run("node", ["--input-type=module", "--eval", asked, WS, url, token], app)).stdout;
  await writeFile(path.join(app, "reply.json"), reply);
  await writeFile(path.join(app, "schema.json"), JSON.stringify(JSON.parse(reply).return));
  const unnamed = declared.replace(/events of QEMU [\d.]+,/, "events of a QEMU,");
  for (const source of ["reply.json", "schema.json"]) assert.deepEqual(await types(app, [source]), { code: 0, stdout: unnamed, stderr: "" });
  assert.deepEqual(await types(app, ["-"], {}, reply), { code: 0, stdout: unnamed, stderr: "" });
  assert.deepEqual(await types(app, [url, "--token-file", "token"]), { code: 0, stdout: declared, stderr: "" });

  const failures = [
    [[url], {}, /^qmp-web-types: .*token/],
    [[url], { QMP_TOKEN: "another" }, /^qmp-web-types: .*token/],
    [[url, "--token-file", "nowhere"], {}, /^qmp-web-types: ENOENT.*nowhere/],
    [[await freeAddress()], {}, /^qmp-web-types: .*ws:\/\/127/],
    [["unix:/nowhere.sock"], {}, /^qmp-web-types: .*nowhere/],
    // The bridge has it.
    [[`unix:${machine.socket}`], {}, /^qmp-web-types: .*another client/],
    [["nowhere.json"], {}, /^qmp-web-types: ENOENT.*nowhere\.json/],
    [["package.json"], {}, /^qmp-web-types: package\.json: a schema/],
    [["own.ts"], {}, /^qmp-web-types: own\.ts: /],
  ];
  for (const [args, environment, words] of failures) {
    const { code, stdout, stderr } = await types(app, [...args, "-o", "direct.d.ts"], environment);
    assert.deepEqual({ args, code, stdout }, { args, code: 1, stdout: "" }, stderr);
    assert.match(stderr, words);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
    assert.equal(await readFile(path.join(app, "direct.d.ts"), "utf8"), declared, "what was there stays");
  }
  for (const args of [[], ["one", "two"], ["--tokn", "x"], ["--output"], [url.replace("ws:", "http:")]]) {
    const { code, stdout, stderr } = await types(app, args);
    assert.deepEqual({ args, code, stdout }, { args, code: 2, stdout: "" }, stderr);
    assert.match(stderr, /^qmp-web-types: .*\nTry qmp-web-types --help\.\n$/);
  }
  const help = await types(app, ["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Prints [^]*SOURCE[^]*--token-file/);
  const { version } = JSON.parse(await readFile(path.join(app, "node_modules/qmp-web/package.json"), "utf8"));
  assert.deepEqual(await types(app, ["-V"]), { code: 0, stdout: `${version}\n`, stderr: "" });
});

async function startBridged(t, socket) {
  const { link } = await startBridge(t, "--vm", `vm1=${socket}`);
  return { url: `ws://${link.host}/vm/vm1/qmp`, token: new URLSearchParams(link.hash.slice(1)).get("token") };
}

/** Runs the program as npx does. */
function types(app, args, environment = {}, input = "") {
  return run(path.join(app, "node_modules/.bin/qmp-web-types"), args, app, environment, input);
}

async function run(command, args, cwd, environment = {}, input = "") {
  const running = promisify(execFile)(command, args, { cwd, env: { ...process.env, ...environment }, timeout: 60_000, maxBuffer: 1 << 24 });
  running.child.stdin.end(input);
  const { code = 0, stdout, stderr } = await running.catch((error) => error);
  return { code, stdout, stderr };
}

/** Where nobody listens. */
async function freeAddress() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `ws://127.0.0.1:${port}/vm/vm1/qmp`;
}
