// A QMP server in memory, for tests of what uses the client: it answers what it is told to, or what a recorded session has.
// There is no machine, no network and no timer, but each connection can be made to fail.
//
//   const server = new MockServer({ commands: { "query-status": { status: "running" } } });
//   const vm = await connect(server.connect);
//   server.event("STOP");

import { Link, now } from "./mock-link.js";
import { Duplex, Socket } from "./mock-pipe.js";
import { Recording } from "./mock-recording.js";

export class MockServer {
  /** Whether it takes no new connection. */
  refuses = false;
  #options;
  #recording;
  #answers = new Map();
  #links = new Set();
  #attempts = [];
  #calls = [];
  // Calls that nobody has received, and who waits for one.
  #fresh = [];
  #waiting = [];

  constructor({ replay, match, version, capabilities = ["oob"], enabled = anyWords, greeting, pieces = Infinity, commands = {}, ...unknown } = {}) {
    for (const name in unknown) throw new TypeError(`MockServer: there is no option ${name}`);
    this.#recording = replay === undefined ? undefined : new Recording(replay, match);
    const { package: name, ...qemu } = version ?? this.#recording?.version ?? VERSION;
    greeting ??= { QMP: { version: { qemu, package: name }, capabilities } };
    this.#options = { capabilities, enabled, greeting, pieces };
    for (const [name, answer] of Object.entries(commands)) this.on(name, answer);
  }

  /** One more connection, for `connect` of the client. A field, so that it can be handed over as it is. */
  connect = () => this.#accept(new Socket());

  /** The same as a pair of byte streams. */
  duplex = () => this.#accept(new Duplex());

  /** A class for the option `WebSocket`, or for where the global one is. */
  WebSocket = ((server) =>
    class MockWebSocket extends Socket {
      constructor(url, protocols) {
        super();
        server.#open(this, String(url), protocols);
      }
    })(this);

  /** Answers a command from now on, or with "*" all that have no answer of their own. Gives a function that ends it. */
  on(name, answer) {
    const { always } = this.#answersTo(name);
    const own = { answer };
    always.add(own);
    return () => void always.delete(own);
  }

  /** Answers a command the next time, before all that `on` says. */
  once(name, answer) {
    this.#answersTo(name).next.push(answer);
  }

  /** Tells everybody who has negotiated. */
  event(event, data, timestamp = now()) {
    this.#each((link) => link.isReady && link.tell({ timestamp, event, data }));
  }

  /** Sends text or bytes as they are. */
  send(what) {
    this.#each((link) => link.send(what));
  }

  /** The oldest command of this name that was not received yet, or the next that comes. */
  receive(name) {
    const at = this.#fresh.findIndex((call) => call.name === name);
    if (at >= 0) return Promise.resolve(this.#fresh.splice(at, 1)[0]);
    return new Promise((resolve) => this.#waiting.push({ name, resolve }));
  }

  /** All commands that came, in their order. */
  get calls() {
    return [...this.#calls];
  }

  /** All connections that were asked for, in their order. */
  get attempts() {
    return [...this.#attempts];
  }

  /** How many connections there are. */
  get connections() {
    return this.#links.size;
  }

  /** What the recording has that nobody has asked for. */
  get unplayed() {
    return this.#recording?.unplayed ?? [];
  }

  /** Forgets the commands and the connections that were asked for. */
  clear() {
    this.#calls = [];
    this.#fresh = [];
    this.#attempts = [];
  }

  /** The connections end, with this close code. */
  close(code = 1000, reason = "") {
    this.#each((link) => link.end(code, reason));
  }

  /** The connections break, at once or when `after` more bytes have been sent. */
  cut({ after = 0 } = {}) {
    this.#each((link) => link.breakAfter(after));
  }

  /** Nothing goes through the connections, in either direction, and nobody is told. */
  stall() {
    this.#each((link) => link.stall());
  }

  /** What was stalled goes on. */
  release() {
    this.#each((link) => link.release());
  }

  #accept(pipe) {
    this.#attempts.push({});
    if (this.refuses) throw new Error("connection refused");
    this.#link(pipe);
    return pipe;
  }

  #open(socket, url, protocols = []) {
    this.#attempts.push({ url, token: tokenOf([protocols].flat()) });
    if (this.refuses) socket.end(1006, "");
    else this.#link(socket);
  }

  #link(pipe) {
    const server = { note: (call) => this.#note(call), answerTo: (...given) => this.#answerTo(...given), gone: () => this.#links.delete(link) };
    const link = new Link(pipe, server, this.#options, this.#recording?.next());
    this.#links.add(link);
    link.begin();
  }

  #answersTo(name) {
    if (!this.#answers.has(name)) this.#answers.set(name, { next: [], always: new Set() });
    return this.#answers.get(name);
  }

  // In an array, which is empty where there is none, since an answer may be anything.
  #answerTo(name, ...otherwise) {
    const { next, always } = this.#answersTo(name);
    if (next.length > 0) return [next.shift()];
    return always.size > 0 ? [[...always].at(-1).answer] : otherwise;
  }

  #each(what) {
    for (const link of [...this.#links]) what(link);
  }

  #note(call) {
    this.#calls.push(call);
    const at = this.#waiting.findIndex(({ name }) => name === call.name);
    if (at < 0) this.#fresh.push(call);
    else this.#waiting.splice(at, 1)[0].resolve(call);
  }
}

export { Refusal } from "./mock-link.js";

/** An answer that comes so many milliseconds later, by the `setTimeout` that is there then. */
export function later(milliseconds, answer) {
  return async (...given) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return typeof answer === "function" ? answer(...given) : answer;
  };
}

/** An answer that never comes by itself: the test gives it with `call.reply()`, or nobody does. */
export function hold() {
  return new Promise(() => {});
}

// QEMU's words for what is asked, or those of the async text.
function anyWords({ enable, capabilities = [] }) {
  return enable ?? capabilities;
}

function tokenOf(protocols) {
  const shown = protocols.find((name) => name.startsWith(BEARER));
  return shown && atob(shown.slice(BEARER.length).replaceAll("-", "+").replaceAll("_", "/"));
}

const BEARER = "qmp.bearer.";
const VERSION = { major: 10, minor: 0, micro: 0, package: "mock" };
