// What a promise can do beyond resolving: be given up, run out of time, wait for an event.

export const WAITING = [
  {
    name: "R4: a command that takes too long rejects, its late reply is told, and the session goes on",
    async run({ connect, network, told, becomes, equal, ok, rejection }) {
      const vm = await connect();
      await network.stall();
      const gone = await rejection(vm.execute("query-name", {}, { timeout: 30 }));
      const { name, kind, outcome, command } = gone;
      equal([name, kind, outcome, command], ["TimeoutError", "timeout", "unknown", "query-name"]);
      const patient = vm.execute("query-status", {}, { timeout: Infinity });
      await network.release();
      equal((await patient).status, "running");
      await becomes(() => told.length > 0);
      equal(told, [{ kind: "late-reply", command: "query-name" }]);
      equal(vm.state, "live");
      ok(typeof (await vm.execute("query-name", {}, { timeout: 10_000 })) === "object", "it is answered now");
    },
  },
  {
    name: "a timeout of the connection is for every command that has none of its own",
    async run({ connect, network, equal, rejection }) {
      // Long enough for a slow network.
      const vm = await connect({ timeout: 1000 });
      await network.stall();
      const own = rejection(vm.execute("query-status", {}, { timeout: 20 }));
      const other = rejection(vm.execute("query-status"));
      equal(await Promise.race([own.then(() => "own"), other.then(() => "other")]), "own");
      const patient = vm.execute("query-status", {}, { timeout: Infinity });
      equal((await other).kind, "timeout");
      await network.release();
      equal((await patient).status, "running");
    },
  },
  {
    name: "a signal ends the waiting, and says whether the command may run",
    async run({ connect, network, told, becomes, equal, ok, rejection }) {
      const vm = await connect();
      await network.stall();
      const gone = new AbortController();
      const pending = vm.execute("query-name", {}, { signal: gone.signal }).catch((error) => error);
      gone.abort("the page was left");
      const error = await pending;
      ok(error instanceof qmp.AbortError, String(error));
      equal([error.name, error.kind, error.outcome, error.command, error.cause], ["AbortError", "aborted", "unknown", "query-name", "the page was left"]);
      const before = await rejection(vm.execute("stop", {}, { signal: gone.signal }));
      equal([before.kind, before.outcome], ["aborted", "not-sent"]);
      await network.release();
      equal((await vm.execute("query-status", {}, { signal: new AbortController().signal })).status, "running", "stop was sent");
      await becomes(() => told.length > 0);
      equal(told, [{ kind: "late-reply", command: "query-name" }]);
    },
  },
  {
    name: "with oob eight commands are in flight, and one that waits behind them can be given up unsent",
    async run({ connect, capabilities, network, equal, rejection }) {
      const vm = await connect();
      await network.stall();
      const some = Array.from({ length: 8 }, () => vm.execute("query-status"));
      const gone = new AbortController();
      const last = rejection(vm.execute("stop", {}, { signal: gone.signal }));
      gone.abort();
      const sent = capabilities.includes("oob") ? "not-sent" : "unknown";
      equal((await last).outcome, sent);
      await network.release();
      await Promise.all(some);
      equal((await vm.execute("query-status")).status, sent === "unknown" ? "paused" : "running");
    },
  },
  {
    name: "a signal that outlives many commands keeps nothing of them",
    async run({ connect, equal }) {
      const vm = await connect();
      const { signal } = new AbortController();
      let listening = 0;
      const [add, remove] = [signal.addEventListener, signal.removeEventListener];
      signal.addEventListener = (...args) => ((listening += 1), add.apply(signal, args));
      signal.removeEventListener = (...args) => ((listening -= 1), remove.apply(signal, args));
      await Promise.all(Array.from({ length: 100 }, () => vm.execute("query-status", {}, { signal })));
      await vm.execute("no-such-command", {}, { signal }).catch(() => {});
      await vm.execute("stop", {}, { signal, until: "STOP" });
      equal(listening, 0);
    },
  },
  {
    name: "a command is waited for together with its event, which may come first",
    async run({ connect, equal, rejection }) {
      const vm = await connect();
      const stopped = await vm.execute("stop", {}, { until: ["STOP", "SHUTDOWN"] });
      equal([stopped.reply, stopped.event.event], [{}, "STOP"]);
      equal((await rejection(vm.execute("no-such-command", {}, { until: "STOP" }))).kind, "command", "of the command");
      const again = await rejection(vm.execute("stop", {}, { until: "STOP", timeout: 1_000 }));
      equal([again.kind, again.command, again.outcome], ["timeout", undefined, undefined], "of the event");
      const resumed = await vm.execute("cont", {}, { until: "RESUME", where: ({ event }) => event === "RESUME" });
      equal(resumed.event.event, "RESUME");
      const thrown = await rejection(vm.execute("stop", {}, { until: "STOP", where: () => { throw new RangeError("mine"); } }));
      equal(thrown.name, "RangeError");
      equal((await vm.execute("query-status")).status, "paused");
    },
  },
  {
    name: "once is the next event that counts, in time, and while it is wanted",
    async run({ connect, equal, rejection }) {
      const vm = await connect();
      const next = vm.once(["STOP", "RESUME"]);
      const picky = vm.once("*", { where: ({ event }) => event === "RESUME" });
      await vm.execute("stop");
      await vm.execute("cont");
      equal([(await next).event, (await picky).event], ["STOP", "RESUME"]);
      const none = await rejection(vm.once("STOP", { timeout: 20 }));
      equal([none.name, none.command, none.outcome], ["TimeoutError", undefined, undefined]);
      const gone = await rejection(vm.once("STOP", { signal: AbortSignal.abort("why") }));
      equal([gone.name, gone.command, gone.outcome], ["AbortError", undefined, undefined]);
      const thrown = rejection(vm.once("STOP", { where: () => { throw new RangeError("mine"); } }));
      await vm.execute("stop");
      equal((await thrown).name, "RangeError");
      const ended = rejection(vm.once("STOP"));
      await vm.close();
      equal([(await ended).kind, (await rejection(vm.once("STOP"))).kind], ["connection-lost", "connection-lost"]);
    },
  },
];
