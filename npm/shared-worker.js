// The worker that holds one connection for all tabs of an origin. Its clients are in shared.js. What the tabs share has the
// options of the first of them.

import { encodeError, hold, whenGone } from "./ends.js";
import { connect } from "./index.js";

const tabs = new Set();
const ours = hold();
// A promise of the client, while there is a tab.
let current;

class Tab {
  #port;
  #off = () => {};
  #machine;
  #running = new Map();
  #asked = new Map();
  #lastAsked = 0;
  hasToken = false;

  constructor(port) {
    this.#port = port;
    port.onmessage = ({ data: [verb, ...given] }) => this.#asks[verb](...given);
    this.tell("hello");
  }

  tell(...what) {
    this.#port.postMessage(what);
  }

  /** What the tab shows to the bridge: `{ token }` or `{ error }`; `undefined` if it is gone before it has said. */
  token() {
    return new Promise((resolve) => {
      const number = (this.#lastAsked += 1);
      this.#asked.set(number, resolve);
      this.tell("token", number);
    });
  }

  // By what the tab says.
  #asks = {
    join: async (lock, url, options, hasToken) => {
      this.hasToken = hasToken;
      tabs.add(this);
      whenGone(lock, () => this.#leave());
      try {
        const machine = await live(url, options);
        if (!tabs.has(this)) return;
        this.#machine = machine;
        this.tell("joined", facts(machine), (await ours).name);
      } catch (error) {
        this.#leave();
        this.tell("refused", encodeError(error));
      }
    },
    execute: async (number, command, args, options) => {
      const gone = new AbortController();
      this.#running.set(number, gone);
      try {
        this.tell("settled", number, await this.#machine.execute(command, args, { ...options, signal: gone.signal }));
      } catch (error) {
        this.tell("failed", number, encodeError(error));
      }
      this.#running.delete(number);
    },
    abort: (number) => this.#running.get(number)?.abort(),
    hear: (names) => {
      this.#off();
      this.#off = this.#machine.on(names, (event) => this.tell("event", event));
    },
    token: (number, token, error) => {
      this.#asked.get(number)?.({ token, error });
      this.#asked.delete(number);
    },
    reconnect: () => this.#machine.reconnect(),
    leave: () => this.#leave(),
  };

  #leave() {
    if (!tabs.delete(this)) return;
    this.#off();
    for (const gone of this.#running.values()) gone.abort();
    for (const resolve of this.#asked.values()) resolve(undefined);
    if (tabs.size > 0) return;
    // The last one: the next begins anew.
    current?.then((machine) => machine.close(), () => {});
    current = undefined;
  }
}

/** The client, when it is connected. */
async function live(url, options) {
  current ??= start(url, options);
  const machine = await current;
  if (machine.state === "closed") machine.reconnect();
  await new Promise((resolve, reject) => {
    const off = machine.subscribe(({ state, error }) => {
      if (state === "reconnecting") return;
      if (state === "closed") reject(error);
      else resolve();
      // It is called before there is anything to end.
      queueMicrotask(() => off());
    });
  });
  return machine;
}

function start(url, options) {
  const starting = connect(url, { ...options, token });
  starting.then(
    (machine) => follow(machine, starting),
    () => {
      if (current === starting) current = undefined;
    },
  );
  return starting;
}

/** Tells all tabs how it is, as long as it is theirs. */
function follow(machine, starting) {
  const tellAll = (...what) => {
    if (current === starting) for (const tab of tabs) tab.tell(...what);
  };
  machine.subscribe(({ state }) => {
    tellAll("changed", facts(machine));
    if (state === "closed") machine.closed.then((info) => tellAll("closed", info));
  });
}

// What somebody shows to the bridge; who came last is likeliest to know.
async function token() {
  for (const tab of [...tabs].reverse()) {
    const said = tab.hasToken && (await tab.token());
    if (said?.error) throw new Error(said.error);
    if (said) return said.token;
  }
}

function facts(machine) {
  const { error, ...snapshot } = machine.getSnapshot();
  if (error) snapshot.error = encodeError(error);
  return { version: machine.version, capabilities: machine.capabilities, snapshot };
}

self.onconnect = ({ ports: [port] }) => new Tab(port);
