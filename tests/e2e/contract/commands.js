// What a command resolves and rejects with.

export const COMMANDS = [
  {
    name: "the greeting's version, what was negotiated, and the state are there",
    async run({ connect, capabilities, equal, ok }) {
      const vm = await connect();
      const { major, minor, micro, package: name } = vm.version;
      ok(major + minor + micro > 0 && typeof name === "string", JSON.stringify(vm.version));
      equal(vm.capabilities, capabilities);
      equal([vm.state, vm.getSnapshot().state], ["live", "live"]);
    },
  },
  {
    name: "every reply finds its command, many at once",
    async run({ connect, equal, ok }) {
      const vm = await connect();
      const status = ({ status }) => status === "running";
      const version = ({ qemu }) => qemu.major === vm.version.major;
      const refused = (error) => error.class === "CommandNotFound" && error.command === "no-such-command";
      const all = Array.from({ length: 60 }, (_, i) => [
        [vm.execute("query-status"), status],
        [vm.execute("query-version"), version],
        [vm.execute("no-such-command", { i }).catch((error) => error), refused],
      ]).flat();
      const fits = await Promise.all(all.map(async ([reply, fits]) => fits(await reply)));
      equal(fits.indexOf(false), -1);
      ok(vm.state === "live", vm.state);
    },
  },
  {
    name: "a slow command is overtaken",
    needs: ["overtaking"],
    async run({ connect, equal }) {
      const vm = await connect();
      const order = [];
      const note = (name) => () => order.push(name);
      const slow = vm.execute("x-async-sleep", { ms: 300 }).then(note("slow"));
      await vm.execute("query-status").then(note("fast"));
      await slow;
      equal(order, ["fast", "slow"]);
    },
  },
  {
    name: "a refused command rejects with a CommandError",
    async run({ connect, equal, ok, rejection }) {
      const vm = await connect();
      const error = await vm.execute("no-such-command", {}).catch((error) => error);
      ok(error instanceof qmp.CommandError && error instanceof qmp.QmpError && error instanceof Error, String(error));
      const { name, kind, command, class: errorClass, desc, stack } = error;
      equal([name, kind, command, errorClass, typeof stack], ["CommandError", "command", "no-such-command", "CommandNotFound", "string"]);
      ok(/^\w{8}-\d+$/.test(error.id), error.id);
      ok(desc.includes("no-such-command"), desc);
      equal((await rejection(vm.execute("qmp_capabilities"))).kind, "command", "negotiation is over");
    },
  },
  {
    name: "the error class and text are the machine's",
    needs: ["objects"],
    async run({ connect, equal, ok, rejection }) {
      const vm = await connect();
      const { class: errorClass, desc, command } = await rejection(vm.execute("device_del", { id: "nope" }));
      equal([errorClass, command], ["DeviceNotFound", "device_del"]);
      ok(desc.includes("nope"), desc);
    },
  },
  {
    name: "what is no command, no arguments or no option is the caller's mistake, and nothing is sent",
    async run({ connect, equal, rejection }) {
      const vm = await connect();
      const circle = {};
      circle.circle = circle;
      for (const args of [[1], "text", 5, { id: "\ud800" }, circle]) {
        const { kind, command } = await rejection(vm.execute("device_del", args));
        equal([kind, command], ["arguments", "device_del"], typeof args);
      }
      const wrong = [[], [5], ["stop", {}, { oop: true }], ["stop", {}, { oob: "yes" }], ["stop", {}, { timeout: 0 }], ["stop", {}, { signal: {} }], ["stop", {}, 5], ["stop", {}, { until: 5 }], ["stop", {}, { until: [] }]];
      for (const call of wrong) equal((await rejection(vm.execute(...call))).name, "TypeError", JSON.stringify(call));
      equal((await rejection(vm.once("STOP", { timeout: -1 }))).name, "TypeError");
      equal((await rejection(vm.once([]))).name, "TypeError", "no event would end it");
      for (const call of [() => vm.on("STOP"), () => vm.on(5, () => {}), () => vm.on([], () => {}), () => vm.events([]), () => vm.events("STOP", { capacity: 0 }), () => vm.subscribe(5), () => vm.job("stop", {}, { until: "STOP" })]) {
        equal(thrownBy(call), "TypeError", String(call));
      }
      equal((await vm.execute("query-status")).status, "running");
    },
  },
  {
    name: "null and undefined are no arguments",
    async run({ connect, equal }) {
      const vm = await connect();
      const replies = [await vm.execute("query-status"), await vm.execute("query-status", null, {}), await vm.execute("query-status", undefined, undefined)];
      equal(replies.map(({ status }) => status), ["running", "running", "running"]);
    },
  },
  {
    name: "a reply of a hundred kilobytes comes whole",
    needs: ["schema"],
    async run({ connect, equal, ok }) {
      const vm = await connect();
      const [schema, { status }] = await Promise.all([vm.execute("query-qmp-schema"), vm.execute("query-status")]);
      ok(schema.length > 500 && schema.every((entry) => typeof entry["meta-type"] === "string"), String(schema.length));
      ok(JSON.stringify(schema).length > 50_000, "it is long");
      equal(status, "running");
    },
  },
  {
    name: "who sees a command in the trace may execute another, which comes after it",
    async run({ connect, equal }) {
      const vm = await connect({ trace: "messages" });
      let second;
      const off = vm.trace.on(({ kind, command }) => {
        if (kind !== "sent" || command !== "query-status") return;
        off();
        second = vm.execute("query-version");
      });
      equal((await vm.execute("query-status")).status, "running");
      equal(typeof (await second).qemu.major, "number");
      const sent = vm.trace.entries().filter(({ kind, command }) => kind === "sent" && command.startsWith("query-"));
      equal(sent.slice(-2).map(({ command }) => command), ["query-status", "query-version"]);
    },
  },
  {
    name: "out of band where that was negotiated, and kind `state` where not",
    async run({ connect, capabilities, equal, ok, rejection }) {
      const vm = await connect();
      const urgent = vm.execute("query-yank", undefined, { oob: true });
      if (capabilities.includes("oob")) ok(Array.isArray(await urgent), "a list");
      else equal((await rejection(urgent)).kind, "state");
      equal((await vm.execute("query-status")).status, "running");
    },
  },
];

function thrownBy(call) {
  try {
    call();
  } catch (error) {
    return error.name;
  }
}
