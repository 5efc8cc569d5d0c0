// One connection to a server in memory: what is behind the pipe that the client takes.

import { parse, stringify } from "./js/json.js";

/** An error that a command answers. */
export class Refusal {
  constructor(desc, errorClass = "GenericError") {
    Object.assign(this, { class: errorClass, desc });
  }
}

/** A command that has come: what it says can be compared, what is done with it is not in the way. */
function makeCall({ id, execute, "exec-oob": urgent, arguments: args = {} }, link) {
  const { released: done, release } = deferred();
  let isSettled = false;
  const settle = (message) => {
    if (isSettled) return false;
    isSettled = true;
    if (message) link.tell({ ...message, id });
    release();
    return true;
  };
  const reply = (value) => settle(value instanceof Refusal ? { error: value } : { return: value ?? {} });
  const refuse = (desc, errorClass) => reply(new Refusal(desc, errorClass));
  const drop = () => settle();
  const send = (what) => link.send(what);
  const call = { name: execute ?? urgent, args, id, oob: urgent !== undefined };
  const hidden = { reply, refuse, drop, send, settle, done };
  return Object.defineProperties(call, Object.fromEntries(Object.entries(hidden).map(([name, value]) => [name, { value }])));
}

/** What is behind a pipe. `tape` is what it plays, if anything. */
export class Link {
  isReady = false;
  #pipe;
  #server;
  #options;
  #tape;
  #isThere = true;
  #capabilities = [];
  #text = "";
  #decoder = new TextDecoder();
  #encoder = new TextEncoder();
  // What waits in a network that is silent.
  #stalled;
  #left = Infinity;
  // Commands that are executed one after another.
  #last = Promise.resolve();

  constructor(pipe, server, options, tape) {
    [this.#pipe, this.#server, this.#options, this.#tape] = [pipe, server, options, tape];
  }

  begin() {
    this.#pipe.begin(this);
    const greeting = this.#tape?.greeting ?? this.#options.greeting;
    if (typeof greeting === "string") this.send(greeting);
    else this.tell(greeting);
    this.#act(this.#tape?.opening);
  }

  tell(message) {
    this.send(`${stringify(message)}\r\n`);
  }

  send(what) {
    if (this.#stalled) return void this.#stalled.waiting.push(() => this.send(what));
    if (!this.#isThere) return;
    const bytes = typeof what === "string" ? this.#encoder.encode(what) : what;
    const end = Math.min(bytes.length, this.#left);
    for (let at = 0; at < end; at += this.#options.pieces) {
      this.#pipe.take(bytes.slice(at, Math.min(end, at + this.#options.pieces)));
    }
    this.#left -= end;
    if (this.#left === 0) this.breakAfter(0);
  }

  /** Takes what the client sends. */
  async receive(bytes) {
    await this.#stalled?.released;
    if (!this.#isThere) return;
    const lines = (this.#text + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#text = lines.pop();
    for (const text of lines) if (text.trim() !== "") this.#execute(text);
  }

  stall() {
    this.#stalled ??= { waiting: [], ...deferred() };
  }

  release() {
    const { waiting = [], release } = this.#stalled ?? {};
    this.#stalled = undefined;
    for (const send of waiting) send();
    release?.();
  }

  end(code, reason) {
    if (this.gone()) this.#pipe.end(code, reason);
  }

  breakAfter(bytes) {
    this.#left = bytes;
    if (bytes === 0) this.end(1006, "");
  }

  /** True if it was there until now. */
  gone() {
    const wasThere = this.#isThere;
    this.#isThere = false;
    this.#server.gone();
    return wasThere;
  }

  #execute(text) {
    let call;
    try {
      call = makeCall(parse(text, "auto"), this);
    } catch {
      return this.tell({ error: new Refusal("JSON parse error") });
    }
    this.#server.note(call);
    const given = this.#server.answerTo(call.name);
    const played = given.length === 0 ? this.#tape?.take(call) : undefined;
    this.#act(played?.soon);
    const inOrder = !call.oob && !this.#capabilities.includes("async");
    const run = () => {
      this.#run(call, given, played, inOrder);
      return call.done;
    };
    if (inOrder) this.#last = this.#last.then(run);
    else run();
  }

  async #run(call, given, played, inOrder) {
    const wasReady = this.isReady;
    if (played) {
      if (!inOrder) await this.#tape.turn(played);
      if (!played.reply) return;
      if (call.name === "qmp_capabilities" && played.reply.return) this.#enable(this.#options.enabled(call.args) ?? []);
      call.settle(played.reply);
      this.#act(played.after);
    } else {
      try {
        call.reply(await this.#answer(call, given));
      } catch (thrown) {
        call.reply(thrown instanceof Refusal ? thrown : new Refusal(String(thrown)));
      }
    }
    if (!wasReady && this.isReady) this.#act(this.#tape?.negotiated);
  }

  // What a recording has behind a message.
  #act(steps = []) {
    for (const { message, close } of steps) {
      if (message) this.tell(message);
      else this.end(close.code, close.reason);
    }
  }

  #answer(call, given) {
    const { name, args, oob } = call;
    if (oob && !this.#capabilities.includes("oob")) return new Refusal("QMP input member 'exec-oob' is unexpected");
    if (name === "qmp_capabilities" && given.length === 0) return this.#negotiate(args);
    if (!this.isReady && name !== "qmp_capabilities") return new Refusal("Expecting capabilities negotiation with 'qmp_capabilities'", "CommandNotFound");
    const [answer] = given.length > 0 ? given : this.#server.answerTo("*", this.#tape?.missing(name) ?? new Refusal(`The command ${name} has not been found`, "CommandNotFound"));
    return typeof answer === "function" ? answer(args, call) : answer;
  }

  #negotiate(args) {
    if (this.isReady) return new Refusal("Capabilities negotiation is already complete", "CommandNotFound");
    const asked = this.#options.enabled(args);
    const offered = this.#tape?.greeting?.QMP.capabilities ?? this.#options.capabilities;
    const unknown = asked?.find((name) => !offered.includes(name));
    if (!asked || unknown) return new Refusal(`not offered: ${unknown ?? Object.keys(args)}`);
    this.#enable(asked);
    return {};
  }

  #enable(capabilities) {
    this.#capabilities = capabilities;
    this.isReady = true;
  }
}

export function now() {
  const time = Date.now();
  return { seconds: Math.floor(time / 1000), microseconds: (time % 1000) * 1000 };
}

export function deferred() {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  return { release, released };
}
