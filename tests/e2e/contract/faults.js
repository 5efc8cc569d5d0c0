// A connection that is lost, is silent, is made anew, is closed.

const LIVELY = { liveness: { silence: 1000, unstable: 300, dead: 500 } };

export const FAULTS = [
  {
    name: "R1, R6: what was sent when the connection is cut has an unknown outcome, and is never sent again",
    async run({ connect, network, told, reaches, equal, ok, rejection }) {
      const vm = await connect();
      const heard = [];
      vm.on("*", ({ event }) => heard.push(event));
      // It is on its way, and does not arrive.
      await network.stall();
      const pending = rejection(vm.execute("stop"));
      const lost = reaches(vm, "reconnecting");
      await network.down();
      const { attempt, error } = await lost;
      ok(attempt >= 1, String(attempt));
      equal([error.kind, error instanceof qmp.ConnectionLostError], ["connection-lost", true]);
      const { name, kind, outcome } = await pending;
      equal([name, kind, outcome], ["ConnectionLostError", "connection-lost", "unknown"]);
      const meanwhile = await rejection(vm.execute("stop"));
      equal([meanwhile.kind, meanwhile.outcome], ["connection-lost", "not-sent"]);
      equal(vm.capabilities, []);
      await network.up();
      await network.resume();
      await reaches(vm, "live");
      equal((await vm.execute("query-status")).status, "running");
      equal(heard, []);
      const resumed = told.filter(({ kind }) => kind === "resumed");
      ok(resumed.length >= 1 && resumed.every(({ gap }) => gap >= 0), JSON.stringify(told));
    },
  },
  {
    name: "who listens goes on listening over a connection that is made anew",
    async run({ connect, network, reaches, equal }) {
      const vm = await connect();
      const heard = [];
      const states = [];
      vm.on("STOP", ({ event }) => heard.push(event));
      vm.subscribe(({ state }) => states.at(-1) !== state && states.push(state));
      const stream = vm.events("STOP");
      const next = vm.once("STOP");
      const lost = reaches(vm, "reconnecting");
      await network.cut();
      await lost;
      await reaches(vm, "live");
      await vm.execute("stop");
      equal([(await stream.next()).value.event, (await next).event, heard], ["STOP", "STOP", ["STOP"]]);
      equal([states.at(0), states.includes("reconnecting"), states.at(-1)], ["live", true, "live"]);
    },
  },
  {
    name: "R6: a command is executed once or not at all, wherever the connection is cut",
    needs: ["script"],
    async run({ serve, reaches, equal, rejection }) {
      for (const command of ["quit", "system_reset", "device_add", "stop", "query-status"]) {
        const { server, vm } = await serve({}, { reconnect: { base: 20, tries: Infinity } });
        // The client asks for its own needs too.
        const execute = () => rejection(vm.execute(command, { mine: true }));
        const unsent = async () => {
          const lost = reaches(vm, "reconnecting");
          server.refuses = true;
          server.cut();
          await lost;
          return execute();
        };
        const on_its_way = () => {
          server.stall();
          const pending = execute();
          setTimeout(() => server.cut());
          return pending;
        };
        const before_reply = () => {
          server.on(command, ({ mine }) => (mine ? (server.cut(), mock.hold()) : {}));
          return execute();
        };
        const in_reply = () => {
          server.on(command, {});
          server.cut({ after: 10 });
          return execute();
        };
        for (const [cut, expected, times] of [[unsent, "not-sent", 0], [on_its_way, "unknown", 0], [before_reply, "unknown", 1], [in_reply, "unknown", 1]]) {
          server.clear();
          const { kind, outcome } = await cut();
          server.refuses = false;
          await reaches(vm, "live");
          server.on("query-name", { name: cut.name });
          equal(await vm.execute("query-name"), { name: cut.name });
          const executed = server.calls.filter(({ name, args }) => name === command && args.mine).length;
          equal([kind, outcome, executed], ["connection-lost", expected, times], `${command} ${cut.name}`);
        }
      }
    },
  },
  {
    name: "R6: a reply that is cut in its middle is none",
    async run({ connect, network, reaches, equal, rejection }) {
      const vm = await connect();
      await network.cut({ after: 20 });
      const { kind, outcome } = await rejection(vm.execute("query-version"));
      equal([kind, outcome], ["connection-lost", "unknown"]);
      await reaches(vm, "live");
      equal((await vm.execute("query-status")).status, "running");
    },
  },
  {
    name: "R3: a peer that is gone without a word is called unstable, then given up",
    async run({ connect, network, reaches, equal, ok, rejection }) {
      const vm = await connect(LIVELY);
      const [unstable, lost] = [reaches(vm, "unstable"), reaches(vm, "reconnecting")];
      await network.stall();
      equal((await unstable).error, undefined);
      const pending = rejection(vm.execute("query-status"));
      // Without async and oob a QEMU that is busy answers nothing either, so it is not given up.
      if (vm.capabilities.length === 0) vm.reconnect();
      const { error } = await lost;
      equal((await pending).outcome, "unknown");
      ok(error.message.includes("no sign of life"), error.message);
      await network.resume();
      await reaches(vm, "live");
      equal((await vm.execute("query-status")).status, "running");
    },
  },
  {
    name: "a peer that was silent and speaks again is live, and nothing was lost",
    async run({ connect, network, reaches, equal }) {
      const vm = await connect({ liveness: { silence: 1000, unstable: 300, dead: 60_000 } });
      const states = [];
      vm.subscribe(({ state }) => states.at(-1) !== state && states.push(state));
      const unstable = reaches(vm, "unstable");
      await network.stall();
      const pending = vm.execute("query-status", {}, { timeout: Infinity });
      await unstable;
      await network.release();
      equal((await pending).status, "running");
      await reaches(vm, "live");
      equal(states, ["live", "unstable", "live"]);
    },
  },
  {
    name: "a peer that is quiet and answers when asked stays live",
    needs: ["script"],
    async run({ serve, equal }) {
      const answers = { "query-version": { qemu: {} }, "query-yank": [] };
      const stays = async (capabilities, question) => {
        const { server, vm } = await serve({ capabilities, commands: answers }, { liveness: { silence: 1000, unstable: 300, dead: 300 } });
        const states = [];
        vm.subscribe(({ state }) => states.at(-1) !== state && states.push(state));
        server.clear();
        // The second question comes when the first was answered, and when it would have been given up else.
        for (let round = 0; round < 2; round++) equal((await server.receive(question)).oob, capabilities.includes("oob"));
        equal(states, ["live"]);
      };
      await Promise.all([stays(["async"], "qmp_capabilities"), stays(["oob"], "query-yank"), stays([], "query-version")]);
    },
  },
  {
    name: "a connection that is not to be made anew is closed, and reconnect() makes it live",
    async run({ connect, network, reaches, equal, rejection }) {
      const vm = await connect({ reconnect: false });
      const { closed } = vm;
      equal(closed === vm.closed, true);
      const heard = [];
      vm.on("STOP", ({ event }) => heard.push(event));
      const next = rejection(vm.once("STOP"));
      const stream = vm.events("STOP");
      await network.cut();
      equal(typeof (await closed).code, "number");
      equal([vm.state, vm.getSnapshot().error.kind, (await next).kind, (await stream.next()).done], ["closed", "connection-lost", "connection-lost", true]);
      equal((await rejection(vm.execute("stop"))).outcome, "not-sent");
      vm.reconnect();
      await reaches(vm, "live");
      equal(closed === vm.closed, false, "the next end is another one");
      await vm.execute("stop");
      equal(heard, ["STOP"]);
    },
  },
  {
    name: "reconnect() ends what is connected, and connects anew",
    async run({ connect, network, reaches, equal, rejection }) {
      const vm = await connect();
      await vm.execute("stop");
      await network.stall();
      const pending = rejection(vm.execute("cont"));
      const lost = reaches(vm, "reconnecting");
      vm.reconnect();
      await lost;
      equal((await pending).outcome, "unknown");
      await network.resume();
      await reaches(vm, "live");
      equal((await vm.execute("query-status")).status, "paused");
    },
  },
  {
    name: "a snapshot is the same until something changes",
    async run({ connect, network, reaches, equal }) {
      const vm = await connect();
      const before = vm.getSnapshot();
      equal(vm.getSnapshot() === before, true);
      const seen = [];
      const off = vm.subscribe((snapshot) => seen.push(snapshot === vm.getSnapshot()));
      equal(seen, [true], "it is told at once");
      const lost = reaches(vm, "reconnecting");
      await network.cut();
      await lost;
      await reaches(vm, "live");
      equal([seen.length >= 3, seen.includes(false), vm.getSnapshot() === before], [true, false, false]);
      off();
      off();
    },
  },
  {
    name: "R11: close() is for good, rejects what is pending and may be called again",
    async run({ connect, network, equal, ok, rejection }) {
      const vm = await connect();
      const heard = [];
      vm.on("STOP", ({ event }) => heard.push(event));
      const [stream, next] = [vm.events("*"), rejection(vm.once("STOP"))];
      await network.stall();
      const pending = Array.from({ length: 3 }, () => rejection(vm.execute("query-status")));
      equal([await vm.close(), await vm.close(), vm.state], [undefined, undefined, "closed"]);
      for (const { name, outcome } of await Promise.all(pending)) equal([name, outcome], ["ConnectionLostError", "unknown"]);
      equal([(await next).kind, (await stream.next()).done, (await vm.closed).code], ["connection-lost", true, 1000]);
      await network.resume();
      vm.reconnect();
      const { kind, outcome } = await rejection(vm.execute("stop"));
      equal([vm.state, kind, outcome, heard], ["closed", "connection-lost", "not-sent", []]);
      ok((await vm.events("STOP").next()).done, "it ends at once");
    },
  },
  {
    name: "R11: await using closes at the end of the block, free() too",
    async run({ connect, equal, rejection }) {
      const vm = await connect();
      equal(typeof vm[Symbol.asyncDispose], "function");
      await vm[Symbol.asyncDispose]();
      equal(vm.state, "closed");
      const other = await connect();
      const pending = rejection(other.execute("query-status"));
      const { closed } = other;
      other.free();
      equal([(await pending).kind, (await closed).code], ["connection-lost", 1000]);
    },
  },
  {
    name: "free() may be called by whom the client calls",
    async run({ connect, equal, ok, rejection }) {
      const calls = [
        (vm, free) => vm.subscribe(free),
        (vm, free) => (vm.subscribe(({ state }) => state === "closed" && free()), vm.close()),
        (vm, free) => vm.on("STOP", free) && vm.execute("stop").catch(() => {}),
        (vm, free) => vm.trace.on(free) && vm.execute("stop").catch(() => {}),
      ];
      for (const call of calls) {
        const vm = await connect({ trace: "messages" });
        const { closed } = vm;
        let isFree = false;
        const thrown = await new Promise((resolve) => {
          call(vm, () => {
            if (isFree) return;
            isFree = true;
            try {
              vm.free();
              resolve();
            } catch (error) {
              resolve(error.message);
            }
          });
        });
        equal([thrown, (await closed).code], [undefined, 1000], String(call));
        ok((await rejection(Promise.resolve().then(() => vm.state))).error, "it is gone");
      }
    },
  },
];
