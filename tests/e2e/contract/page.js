// What runs in the page: one case of the contract at a time, with a way to connect, a network to be hard on, and what it
// needs to assert.

import { CASES } from "./cases.js";
import { scriptedMachine } from "./machine.js";
// The package's own, which the cases know by this name, as the client by `qmp`.
import * as mock from "/mock.js";

globalThis.mock = mock;

const PATIENCE = 15_000;

/** Runs the case of this name. `place` says where the machine is: `{ url, token }`, or `{ script }`, what a server is made of. */
export async function run(name, place, capabilities) {
  const { run } = CASES.find((one) => one.name === name);
  const clients = [];
  const told = [];
  const server = place.script && scriptedMachine(place.script);
  const network = server ? scriptedNetwork(server) : realNetwork();
  const at = {
    capabilities,
    network,
    told,
    equal,
    ok,
    rejection,
    where: server?.[place.pipe] ?? place.url,
    /** Connects to a machine that runs. */
    async connect(options) {
      const vm = await qmp.connect(at.where, { token: place.token, reconnect: { base: 20, tries: Infinity }, onDiagnostic: (what) => told.push(what), ...options });
      clients.push(vm);
      const { running } = await vm.execute("query-status");
      if (!running) await vm.execute("cont");
      return vm;
    },
    /** A server of the case's own, and a client of it. */
    async serve(script, options) {
      const server = new mock.MockServer(script);
      const vm = await qmp.connect(() => server.connect(), { reconnect: false, onDiagnostic: (what) => told.push(what), ...options });
      clients.push(vm);
      return { server, vm };
    },
    /** Resolves with the snapshot when the client is in this state. */
    reaches: (vm, state) =>
      new Promise((resolve) => {
        const off = vm.subscribe((snapshot) => snapshot.state === state && (queueMicrotask(() => off()), resolve(snapshot)));
      }),
    /** Resolves when something is so. */
    async becomes(what) {
      while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it hangs; ${clients.map((vm) => vm.state)}; ${JSON.stringify(told)}`)), PATIENCE);
  });
  try {
    await Promise.race([run(at), late]);
  } finally {
    clearTimeout(timer);
    for (const vm of clients) await close(vm);
    await network.reset();
  }
}

async function close(vm) {
  try {
    await vm.close();
  } catch {
    // It was freed by the case.
  }
}

// The same verbs as those of proxy.mjs, which the test gives to the page.
function realNetwork() {
  const verbs = ["cut", "stall", "resume", "release", "down", "up", "reset"];
  return Object.fromEntries(verbs.map((verb) => [verb, (options) => network(verb, options)]));
}

function scriptedNetwork(server) {
  const refuse = (refuses) => (server.refuses = refuses);
  return {
    cut: async (options) => server.cut(options),
    stall: async () => (refuse(true), server.stall()),
    resume: async () => (refuse(false), server.cut()),
    release: async () => (refuse(false), server.release()),
    down: async () => (refuse(true), server.cut()),
    up: async () => refuse(false),
    reset: async () => server.cut(),
  };
}

/** Asserts that two values are alike, to the last member and of the same types. */
function equal(actual, expected, what = "") {
  const [is, should] = [show(actual), show(expected)];
  if (is !== should) throw new Error(`${what}: ${is} instead of ${should}`);
}

function ok(condition, what) {
  if (!condition) throw new Error(what);
}

function show(value) {
  const sorted = (value) => (value?.constructor === Object ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value);
  return JSON.stringify(value, (_, value) => (typeof value === "bigint" ? `${value}n` : value === undefined ? "undefined" : sorted(value)));
}
