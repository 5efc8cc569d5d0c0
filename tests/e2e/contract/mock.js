// A QMP server in the page, for tests of what uses the client: it says what it is told to. There is no machine and no
// network, but both can be made to fail. What a command means is the script's to know.
//
//   const server = new MockServer({ commands: { "query-status": { status: "running" } } });
//   const vm = await connect(() => server.connect());
//   server.event("STOP");

const VERSION = { major: 10, minor: 0, micro: 0, package: "mock" };

export class MockServer {
  /** Every command that has come, in its order: `{ name, args, id, oob }`, and `send`, which sends to who sent it. */
  received = [];
  /**
   * What commands answer, by name: a value, a `Refusal`, or a function of the arguments and the command that gives one of
   * those, now or later.
   */
  commands;
  /** Whether it takes nobody any more: `connect()` throws. */
  refuses = false;
  #options;
  #connections = new Set();
  #waiting = [];

  /**
   * `capabilities` are offered, and `enabled(args)` says which of them `qmp_capabilities` asks for; by default in QEMU's
   * words or in those of the async text. `greeting` is sent instead of one made of `version` and `capabilities`. No more
   * than `pieces` bytes come at a time.
   */
  constructor({ version = VERSION, capabilities = ["oob"], enabled = anyWords, commands = {}, greeting, pieces = Infinity } = {}) {
    const { package: name, ...qemu } = version;
    greeting ??= line({ QMP: { version: { qemu, package: name }, capabilities } });
    this.#options = { capabilities, enabled, greeting, pieces };
    this.commands = { ...commands };
  }

  /** One more connection: `{ readable, writable }`, as the client takes it. */
  connect() {
    if (this.refuses) throw new Error("connection refused");
    return new Connection(this, this.#options, this.#connections);
  }

  /** Tells everybody who has negotiated. */
  event(event, data, timestamp = now()) {
    this.#each((connection) => connection.isReady && connection.send(line({ timestamp, event, data })));
  }

  /** Sends text or bytes as they are. */
  send(what) {
    this.#each((connection) => connection.send(what));
  }

  /** The next command of this name. */
  receive(name) {
    return new Promise((resolve) => this.#waiting.push({ name, resolve }));
  }

  /** The connections break, at once or when `after` more bytes have been sent. */
  cut({ after = 0 } = {}) {
    this.#each((connection) => connection.breakAfter(after));
  }

  /** The connections end in peace. */
  end() {
    this.#each((connection) => connection.end());
  }

  /** Nothing goes through the connections, in either direction, and nobody is told. */
  stall() {
    this.#each((connection) => connection.stall());
  }

  /** What was stalled goes on. */
  release() {
    this.#each((connection) => connection.release());
  }

  #each(what) {
    for (const connection of [...this.#connections]) what(connection);
  }

  /** For connections. */
  note(command) {
    this.received.push(command);
    for (const waiting of this.#waiting.filter(({ name }) => name === command.name)) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve(command);
    }
  }
}

/** An error that a command answers. */
export class Refusal {
  constructor(desc, errorClass = "GenericError") {
    Object.assign(this, { class: errorClass, desc });
  }
}

/** An answer that comes so many milliseconds later. */
export function later(milliseconds, answer) {
  return async (...call) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return typeof answer === "function" ? answer(...call) : answer;
  };
}

/** An answer that never comes. */
export function never() {
  return new Promise(() => {});
}

class Connection {
  isReady = false;
  #server;
  #options;
  #all;
  #capabilities = [];
  #text = "";
  #decoder = new TextDecoder();
  #encoder = new TextEncoder();
  // What waits in a network that is silent.
  #stalled;
  #left = Infinity;
  // Commands that are executed one after another.
  #last = Promise.resolve();

  constructor(server, options, all) {
    [this.#server, this.#options, this.#all] = [server, options, all];
    this.readable = new ReadableStream({ start: (out) => (this.out = out), cancel: () => this.#gone() });
    const write = async (bytes) => {
      await this.#stalled?.released;
      this.#take(this.#decoder.decode(bytes, { stream: true }));
    };
    this.writable = new WritableStream({ start: (into) => (this.into = into), write, close: () => this.end(), abort: () => this.#gone() });
    all.add(this);
    this.send(options.greeting);
  }

  send(what) {
    if (this.#stalled) return this.#stalled.waiting.push(what);
    if (!this.#all.has(this)) return;
    const bytes = typeof what === "string" ? this.#encoder.encode(what) : what;
    const end = Math.min(bytes.length, this.#left);
    for (let at = 0; at < end; at += this.#options.pieces) {
      this.out.enqueue(bytes.slice(at, Math.min(end, at + this.#options.pieces)));
    }
    this.#left -= end;
    if (this.#left === 0) this.breakAfter(0);
  }

  stall() {
    this.#stalled ??= { waiting: [], ...deferred() };
  }

  release() {
    const { waiting = [], release } = this.#stalled ?? {};
    this.#stalled = undefined;
    for (const what of waiting) this.send(what);
    release?.();
  }

  end() {
    if (this.#gone()) this.out.close();
  }

  breakAfter(bytes) {
    this.#left = bytes;
    if (bytes > 0 || !this.#gone()) return;
    const error = new Error("connection reset");
    this.out.error(error);
    this.into.error(error);
  }

  #gone() {
    return this.#all.delete(this);
  }

  #take(text) {
    const lines = (this.#text + text).split("\n");
    this.#text = lines.pop();
    for (const text of lines) if (text.trim() !== "") this.#execute(text);
  }

  #execute(text) {
    let message;
    try {
      message = JSON.parse(text, exact);
    } catch {
      return this.send(line({ error: new Refusal("Invalid JSON syntax") }));
    }
    const { id, execute, "exec-oob": urgent, arguments: args = {} } = message;
    const command = { name: execute ?? urgent, args, id, oob: urgent !== undefined, send: (what) => this.send(what) };
    this.#server.note(command);
    const reply = async () => {
      const answer = await this.#answer(command).catch((thrown) => new Refusal(String(thrown)));
      this.send(line(answer instanceof Refusal ? { error: answer, id } : { return: answer ?? {}, id }));
    };
    if (command.oob || this.#capabilities.includes("async")) reply();
    else this.#last = this.#last.then(reply);
  }

  async #answer(command) {
    const { name, args, oob } = command;
    const { commands } = this.#server;
    if (oob && !this.#capabilities.includes("oob")) return new Refusal("QMP input member 'exec-oob' is unexpected");
    const known = Object.hasOwn(commands, name);
    if (name === "qmp_capabilities" && !known) return this.#negotiate(args);
    if (!this.isReady && name !== "qmp_capabilities") return new Refusal("Expecting capabilities negotiation with 'qmp_capabilities'", "CommandNotFound");
    if (!known) return new Refusal(`The command ${name} has not been found`, "CommandNotFound");
    const answer = commands[name];
    return typeof answer === "function" ? answer(args, command) : answer;
  }

  #negotiate(args) {
    if (this.isReady) return new Refusal("Capabilities negotiation is already complete", "CommandNotFound");
    const asked = this.#options.enabled(args);
    const unknown = asked?.find((name) => !this.#options.capabilities.includes(name));
    if (!asked || unknown) return new Refusal(`not offered: ${unknown ?? Object.keys(args)}`);
    this.#capabilities = asked;
    this.isReady = true;
    return {};
  }
}

function anyWords({ enable, capabilities = [] }) {
  return enable ?? capabilities;
}

function deferred() {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  return { release, released };
}

function now() {
  const time = Date.now();
  return { seconds: Math.floor(time / 1000), microseconds: (time % 1000) * 1000 };
}

function line(message) {
  return `${JSON.stringify(message, (_, value) => (typeof value === "bigint" ? JSON.rawJSON(String(value)) : value))}\r\n`;
}

// An integer that a number does not hold is a BigInt.
function exact(_, value, { source } = {}) {
  return typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;
}
