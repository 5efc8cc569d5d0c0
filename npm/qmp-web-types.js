#!/usr/bin/env node
// The program that types your machine: asks a QEMU for its schema and prints that as declarations for TypeScript. What they
// look like is said in Rust, see `src/schema/typescript.rs`.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect as dial } from "node:net";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { connect } from "./node.js";
import instantiate, { declarations } from "./qmp_web_types.js";

const HELP = `Prints the types of a QEMU's commands and events, as declarations for TypeScript.

Usage: qmp-web-types [OPTIONS] SOURCE

SOURCE is one of
  ws://HOST/vm/NAME/qmp  a machine behind a bridge; wss: too
  unix:PATH              the socket of a QEMU that nobody else is connected to
  FILE                   what query-qmp-schema returned, or the reply to it; - is the standard input

Options:
  -o, --output FILE      writes there; an older file stays if this fails
      --token-file FILE  the bridge's token is in this file; else it is what QMP_TOKEN is set to, if it is
  -h, --help             prints this
  -V, --version          prints the version

Exits with 0, with 1 if there are no types, and with 2 if it was called wrongly.`;

const OPTIONS = {
  output: { type: "string", short: "o" },
  "token-file": { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
};
// Node 20 has a WebSocket that has to be asked for.
const WEB_SOCKET = "--experimental-websocket";

/** It was called wrongly. */
class UsageError extends Error {}

async function main() {
  const { values, source } = readArguments();
  if (values.help) return process.stdout.write(`${HELP}\n`);
  if (values.version) return process.stdout.write(`${await version()}\n`);
  if (/^wss?:/.test(source) && !globalThis.WebSocket) return startAgain();
  const { schema, machine } = await read(source, values);
  await instantiate({ module_or_path: await readFile(new URL("./qmp_web_types_bg.wasm", import.meta.url)) });
  let types;
  try {
    types = declarations(schema, machine);
  } catch (why) {
    throw new Error(`${source}: ${why}`);
  }
  if (values.output === undefined) process.stdout.write(types);
  else await writeFile(values.output, types);
}

function readArguments() {
  let read;
  try {
    read = parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch ({ message }) {
    throw new UsageError(message);
  }
  const { values, positionals } = read;
  const [source] = positionals;
  if (values.help || values.version) return { values };
  if (positionals.length !== 1) throw new UsageError(source === undefined ? "there is no SOURCE" : "there is more than one SOURCE");
  if (/^https?:/.test(source)) throw new UsageError("a machine behind a bridge has an address with ws: or wss:");
  return { values, source };
}

/** The text of a schema, and whose it is. */
async function read(source, options) {
  const [, scheme, rest] = /^(wss?|unix):(.*)$/s.exec(source) ?? [];
  if (scheme === undefined) return { schema: await (source === "-" ? text(process.stdin) : readFile(source, "utf8")), machine: "a QEMU" };
  const vm = await (scheme === "unix" ? connect(await openSocket(rest)) : connect(source, { token: await token(options) }));
  try {
    const { major, minor } = vm.version;
    return { schema: JSON.stringify(await vm.execute("query-qmp-schema")), machine: `QEMU ${major}.${minor}` };
  } finally {
    await vm.close();
  }
}

async function openSocket(path) {
  const socket = dial(path);
  await once(socket, "connect");
  return Duplex.toWeb(socket);
}

/** Never an argument: others see those. */
async function token({ "token-file": file }) {
  return file === undefined ? process.env.QMP_TOKEN : (await readFile(file, "utf8")).trim();
}

async function version() {
  return JSON.parse(await readFile(new URL("./package.json", import.meta.url), "utf8")).version;
}

function startAgain() {
  if (process.execArgv.includes(WEB_SOCKET)) throw new Error("this version of Node has no WebSocket; 22 has one");
  const args = [WEB_SOCKET, "--no-warnings", ...process.argv.slice(1)];
  const { status, error } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (error) throw error;
  process.exitCode = status ?? 1;
}

// Who reads has seen enough.
process.stdout.on("error", () => (process.exitCode = 1));
try {
  await main();
} catch (error) {
  const isUsage = error instanceof UsageError;
  process.stderr.write(`qmp-web-types: ${error.message}\n${isUsage ? "Try qmp-web-types --help.\n" : ""}`);
  process.exitCode = isUsage ? 2 : 1;
}
