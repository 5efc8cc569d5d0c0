// Who hears which events, in which order and how many.

export const EVENTS = [
  {
    name: "E1: events come in their order, before the reply, to who listens until it is ended",
    async run({ connect, equal, ok }) {
      const vm = await connect();
      const heard = [];
      const note = (who) => ({ event, timestamp }) => heard.push(`${who} ${event} ${typeof timestamp.seconds}`);
      vm.on("*", note("all"));
      const off = vm.on(["STOP", "RESUME"], note("named"));
      await vm.execute("stop").then(() => heard.push("reply"));
      await vm.execute("cont");
      off();
      off();
      await vm.execute("stop");
      equal(heard, ["named STOP number", "all STOP number", "reply", "named RESUME number", "all RESUME number", "all STOP number"]);
    },
  },
  {
    name: "a listener that throws harms nobody",
    async run({ connect, equal }) {
      const vm = await connect();
      const heard = [];
      vm.on("STOP", () => {
        throw new Error("thrown by a listener");
      });
      vm.on("STOP", ({ event }) => heard.push(event));
      await vm.execute("stop");
      equal(heard, ["STOP"]);
    },
  },
  {
    name: "E3, E4: events are iterated, within bounds, until the loop, the signal or the connection ends",
    async run({ connect, equal }) {
      const vm = await connect();
      const stream = vm.events(["STOP", "RESUME"]);
      const small = vm.events("*", { capacity: 2 });
      const ended = new AbortController();
      const signalled = vm.events("STOP", { signal: ended.signal });
      const flips = ["stop", "cont", "stop", "cont"];
      for (const command of flips) await vm.execute(command);
      const looped = [];
      for await (const { event } of stream) {
        looped.push(event);
        if (looped.length === flips.length) break;
      }
      equal(looped, ["STOP", "RESUME", "STOP", "RESUME"]);
      equal((await stream.next()).done, true, "the loop was left");
      ended.abort();
      equal(await all(signalled), ["STOP", "STOP"]);
      equal(small.dropped, 2);
      const waiting = vm.events("STOP").next();
      await vm.close();
      equal(await all(small), ["STOP", "RESUME"], "what is kept is given out");
      equal((await waiting).done, true);
    },
  },
  {
    name: "an event that nobody listens for has a listener of its own",
    async run({ connect, equal }) {
      const unhandled = [];
      const vm = await connect({ onUnhandledEvent: ({ event }) => unhandled.push(event) });
      unhandled.length = 0;
      const off = vm.on("STOP", () => {});
      for (const command of ["stop", "cont", "stop"]) await vm.execute(command);
      off();
      await vm.execute("cont");
      equal(unhandled, ["RESUME", "RESUME"]);
    },
  },
  {
    name: "an event that comes together with the end of negotiation is heard",
    needs: ["script"],
    async run({ serve, equal }) {
      const behind = '{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "RESUME"}\r\n';
      const { vm } = await serve({ commands: { qmp_capabilities: (_, { id, send }) => (send(`{"return": {}, "id": "${id}"}\r\n${behind}`), mock.hold()) } });
      equal((await vm.once("RESUME")).event, "RESUME");
    },
  },
  {
    name: "an event is heard however its name is written",
    needs: ["script"],
    async run({ serve, equal }) {
      const written = ['"STOP"', '"\\u0053TOP"', '"STOP\\u0041"'].flatMap((name) => [
        `{"timestamp": {"seconds": 1, "microseconds": 2}, "event": ${name}}\r\n`,
        `{"timestamp":{"seconds":-1,"microseconds":-1},"event":${name}}`,
        `{ "event" : ${name}, "timestamp": {"seconds": 1, "microseconds": 2}}`,
      ]);
      const { server, vm } = await serve({ commands: { say: (_, { id, send }) => (written.forEach((event) => send(event)), send(`{"return": {}, "id": "${id}"}\r\n`), mock.hold()) } });
      const heard = [];
      vm.on(["STOP", "STOPA"], ({ event }) => heard.push(event));
      await vm.execute("say");
      equal(heard, ["STOP", "STOPA"].flatMap((name) => Array(name === "STOP" ? 6 : 3).fill(name)));
    },
  },
  {
    name: "a burst of events is lost to nobody who has room",
    needs: ["script"],
    async run({ serve, equal }) {
      const { server, vm } = await serve({ pieces: 11, commands: { "query-name": { name: "x" } } });
      const stream = vm.events("TICK", { capacity: Infinity });
      const few = vm.events("TICK", { capacity: 3 });
      for (let i = 0; i < 500; i++) server.event("TICK", { i });
      await vm.execute("query-name");
      await vm.close();
      const [heard, kept] = [[], []];
      for await (const { data } of stream) heard.push(data.i);
      for await (const { data } of few) kept.push(data.i);
      equal([heard.length, heard.every((i, at) => i === at), stream.dropped], [500, true, 0]);
      equal([kept, few.dropped], [[497, 498, 499], 497]);
    },
  },
];

async function all(stream) {
  const names = [];
  for await (const { event } of stream) names.push(event);
  return names;
}
