// What the tests start: QEMU, the bridge, websockify, a browser. Each gives back a way to stop it, and none has a fixed
// port or path. What the page shows is asserted in the tests.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const TIMEOUT = 20_000;
const endings = new WeakMap();

/** Calls `end` when the test has ended, the last that was given first, and each whatever becomes of the others. */
export function atEnd(t, end) {
  if (!endings.has(t)) {
    endings.set(t, []);
    t.after(async () => {
      const errors = [];
      for (const end of endings.get(t).reverse()) {
        try {
          await end();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, errors.join("\n"));
    });
  }
  endings.get(t).push(end);
}

/** A QEMU with nothing to start from, and with these options. It ends with the test. */
export function startQemu(t, ...options) {
  return startQemuOf(t, program("QMP_QEMU"), ...options);
}

/** The same of another QEMU than the installed one. */
export async function startQemuOf(t, command, ...options) {
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const socket = path.join(folder, "qmp.sock");
  return { folder, ...(await listenAt(t, command, socket, ...options)) };
}

/** The same with its monitor at this path, where another one may have been. */
export function startQemuAt(t, socket, ...options) {
  return listenAt(t, program("QMP_QEMU"), socket, ...options);
}

async function listenAt(t, command, socket, ...options) {
  const machine = ["-machine", "pc", "-accel", "tcg", "-m", "64", "-display", "none", "-nodefaults"];
  // The greeting on the standard output tells that the socket listens too.
  const monitors = ["-qmp", `unix:${socket},server=on,wait=off`, "-qmp", "stdio"];
  const qemu = start(t, command, [...machine, ...monitors, ...options]);
  await qemu.line(/"QMP"/);
  return { socket, kill: qemu.kill };
}

/** A bridge, which lets its clients do whatever QEMU can. It gives the link that it printed. */
export function startBridge(t, ...options) {
  return startPlainBridge(t, "--allow-admin", "--audit-log", "-", ...options);
}

/** The same as a person starts it who says no more than where machines are: its clients are operators. */
export async function startPlainBridge(t, ...options) {
  const bridge = start(t, program("QMP_BRIDGE"), ["--listen", "127.0.0.1:0", ...options]);
  const [, link] = await bridge.line(/^console: (\S+)$/);
  return { link: new URL(link), kill: bridge.kill };
}

/** A monitor that runs, knows no other command, and tells what it is told to: no real machine's events look like that.
 *  `more` are answers to further commands, or functions that give one. */
export async function startScript(t, more = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  const socket = path.join(folder, "qmp.sock");
  const version = { qemu: { major: 10, minor: 0, micro: 0 }, package: "" };
  const answers = { qmp_capabilities: {}, "query-status": { status: "running", running: true }, ...more };
  const connections = new Set();
  const say = (connection, message) => connection.write(`${JSON.stringify(message)}\r\n`);
  const server = createServer((connection) => {
    connections.add(connection);
    // With async what is never answered holds up nothing else.
    say(connection, { QMP: { version, capabilities: ["async", "oob"] } });
    createInterface(connection).on("line", async (line) => {
      const { execute, id } = JSON.parse(line);
      const answer = answers[execute];
      const value = typeof answer === "function" ? await answer() : answer;
      // What is never answered.
      if (value === null) return;
      say(connection, value ? { return: value, id } : { error: { class: "CommandNotFound", desc: `no ${execute}` }, id });
    });
  });
  await new Promise((resolve) => server.listen(socket, resolve));
  atEnd(t, async () => {
    for (const connection of connections) connection.destroy();
    server.close();
    await rm(folder, { recursive: true });
  });
  const tell = (event) => connections.forEach((connection) => say(connection, { timestamp: { seconds: 1, microseconds: 0 }, ...event }));
  /** Tells many at once, and gives once they are with the other side. */
  const flood = (events) => {
    const text = events.map((event) => `${JSON.stringify({ timestamp: { seconds: 1, microseconds: 0 }, ...event })}\r\n`).join("");
    return Promise.all([...connections].map((connection) => connection.write(text) || once(connection, "drain")));
  };
  return { socket, tell, flood };
}

/** A token file, and the program that changes it. */
export async function startTokens(t) {
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const file = path.join(folder, "tokens");
  const run = async (verb, ...options) => {
    const { stdout } = await promisify(execFile)(program("QMP_BRIDGE"), ["token", verb, "--file", file, ...options]);
    return stdout.trim();
  };
  return { file, run, add: (...options) => run("add", ...options) };
}

/** A websockify in front of a socket, which serves the console too. */
export async function startWebsockify(t, socket) {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const target = `--unix-target=${socket}`;
  const websockify = start(t, program("QMP_WEBSOCKIFY"), ["--web", program("QMP_CONSOLE"), address, target]);
  // It does not tell when it listens.
  await Promise.race([accepts(port), websockify.ended()]);
  return { link: new URL(`http://${address}/#url=ws://${address}/`) };
}

/** A browser for a test file, and pages in it that complain about nothing but what is expected. */
export class Browser {
  #browser;

  async launch(...options) {
    const args = [...options, "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
    args.push("--disable-background-networking", "--disable-component-update", "--disable-sync");
    this.#browser = await chromium.launch({ executablePath: program("QMP_CHROMIUM"), args });
  }

  async close() {
    await this.#browser.close();
  }

  /** A page as a new visitor would see it. `expected` are the complaints that belong to the test. */
  async open(t, link, { expected = [], ...options } = {}) {
    const context = await this.#browser.newContext(options);
    const tab = await context.newPage();
    tab.setDefaultTimeout(TIMEOUT);
    const complaints = [];
    tab.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    tab.on("pageerror", (error) => complaints.push(String(error)));
    await tab.addInitScript(() => {
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
        console.error(`forbidden by ${violatedDirective}: ${blockedURI}`),
      );
    });
    atEnd(t, async () => {
      // What a person would have seen tells most of what went wrong, and it may not happen again.
      if (t.passed === false) t.diagnostic(await tab.locator("body").ariaSnapshot());
      await context.close();
      const unexpected = complaints.filter((text) => !expected.some((pattern) => pattern.test(text)));
      if (unexpected.length > 0) throw new Error(`the page complained: ${unexpected.join("\n")}`);
    });
    await tab.goto(link.href);
    return new Page(tab);
  }
}

/** The console as a person meets it: by roles and names. */
export class Page {
  constructor(tab) {
    this.tab = tab;
    this.input = tab.getByRole("textbox", { name: "Command" });
  }

  /** Waits until the machine is in this run state. */
  async is(runState) {
    await this.#status("Run state", runState);
  }

  /** Waits until the connection is in this state. */
  async connectionIs(state) {
    await this.#status("Connection", state);
  }

  /** Runs it as it is, whatever the page thinks of it. */
  async run(line) {
    await this.input.fill(line);
    await this.input.press("Control+Enter");
  }

  async press(button) {
    await this.tab.getByRole("button", { name: button, exact: true }).click();
  }

  /** The entries whose command says this. */
  commands(text) {
    const line = this.tab.getByRole("code").filter({ hasText: text });
    return this.#entries("Commands, newest first").filter({ has: line });
  }

  /** The entries of the list that say this. */
  events(text) {
    return this.#entries("Events, newest first").filter({ hasText: text });
  }

  async sees(text) {
    await this.tab.getByText(text, { exact: true }).waitFor();
  }

  async screenshot(name) {
    const folder = path.resolve(import.meta.dirname, "../../target/e2e");
    await mkdir(folder, { recursive: true });
    await this.tab.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
  }

  async #status(name, text) {
    await this.tab.getByRole("status", { name }).getByText(text, { exact: true }).waitFor();
  }

  #entries(name) {
    return this.tab.getByRole("list", { name }).getByRole("listitem");
  }
}

/** Asserts it again and again until it holds, for 20 s at most: a page shows what has happened a moment later. */
export async function eventually(holds) {
  const deadline = performance.now() + TIMEOUT;
  for (;;) {
    try {
      return await holds();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(20);
  }
}

export function program(variable) {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set; \`cargo xtask test\` sets it`);
  return value;
}

/** Starts a process, which ends with the test at the latest. */
export function start(t, command, args, options) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const exit = once(child, "exit");
  let stderr = "";
  // The end of it says why a process ended.
  child.stderr.on("data", (chunk) => (stderr = (stderr + chunk).slice(-100_000)));
  const ended = async () => {
    const [code, signal] = await exit;
    throw new Error(`${path.basename(command)} ended (${code ?? signal}): ${stderr}`);
  };
  const kill = async (signal = "SIGKILL") => {
    child.kill(signal);
    if (!["SIGSTOP", "SIGCONT"].includes(signal)) await exit;
  };
  atEnd(t, () => (child.exitCode ?? child.signalCode) === null && kill());

  const lines = createInterface(child.stdout);
  const line = (pattern) => {
    const found = new Promise((resolve) => {
      lines.on("line", (text) => pattern.test(text) && resolve(pattern.exec(text)));
    });
    return Promise.race([found, ended()]);
  };
  return { ended, kill, line };
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function accepts(port) {
  const deadline = AbortSignal.timeout(TIMEOUT);
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch (error) {
      await delay(20, undefined, { signal: deadline }).catch(() => {
        throw error;
      });
    } finally {
      socket.destroy();
    }
  }
}
