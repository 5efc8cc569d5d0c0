// What can come of connecting, and of a peer that breaks the rules: against servers of the case's own.

const needs = ["script"];
const refuse = () => new mock.Refusal("not now");
const NEITHER = [];

export const CONNECTING = [
  {
    name: "capabilities are asked for in the words that the server takes",
    needs,
    async run({ serve, equal }) {
      const [both, oob, words] = [["async", "oob"], ["oob"], ({ enable, capabilities }) => enable ?? capabilities];
      const qemu = ({ capabilities, enable = [] }) => (capabilities ? undefined : enable);
      const text = ({ capabilities = [], enable }) => (enable ? undefined : capabilities);
      const bare = (args) => (Object.keys(args).length === 0 ? [] : undefined);
      const table = [
        [both, (args) => words(args) ?? [], both],
        [both, qemu, both],
        [both, text, both],
        [both, bare, NEITHER],
        [oob, qemu, oob],
        [oob, bare, NEITHER],
        [["async"], qemu, ["async"]],
        [["async"], text, ["async"]],
        [["something"], qemu, NEITHER],
        [NEITHER, qemu, NEITHER],
      ];
      for (const [capabilities, enabled, negotiated] of table) {
        const { server, vm } = await serve({ capabilities, enabled, commands: { "query-name": { name: "x" } } });
        equal(vm.capabilities, negotiated, `${capabilities} ${enabled}`);
        equal(await vm.execute("query-name"), { name: "x" });
        await vm.close();
        equal(server.calls.every(({ id }) => typeof id === "string"), true, "each has an id");
      }
    },
  },
  {
    name: "connect says what came of it, and tries once",
    needs,
    async run({ equal, rejection }) {
      const failed = async (script, expected, options) => {
        const server = new mock.MockServer(script);
        let tries = 0;
        const error = await rejection(qmp.connect(() => (++tries, server.connect()), { greetingTimeout: 100, negotiationTimeout: 100, ...options }));
        equal([error.kind, tries], [expected, 1], error.message);
      };
      await failed({ greeting: "" }, "busy");
      await failed({ greeting: "SSH-2.0-OpenSSH\r\n" }, "protocol");
      await failed({ greeting: '{"hello": "world"}\r\n' }, "protocol");
      await failed({ commands: { qmp_capabilities: refuse } }, "protocol");
      await failed({ commands: { qmp_capabilities: mock.hold } }, "connect");
      const cutting = new mock.MockServer({ commands: { qmp_capabilities: () => (cutting.cut(), mock.hold()) } });
      equal((await rejection(qmp.connect(() => cutting.connect()))).kind, "connection-lost");
      const refusing = new mock.MockServer();
      refusing.refuses = true;
      const { kind, message } = await rejection(qmp.connect(() => refusing.connect()));
      equal([kind, message.includes("connection refused")], ["connect", true], message);
      equal((await rejection(qmp.connect(() => ({ readable: 1 })))).kind, "connect");
      equal((await rejection(qmp.connect({ readable: 1 }))).name, "TypeError");
      equal((await rejection(qmp.connect("ws://127.0.0.1:1/", { tokn: "" }))).name, "TypeError");
    },
  },
  {
    name: "Q2, Q3, Q10, Q11: what is no QMP ends the connection and says so",
    needs,
    async run({ serve, equal, rejection }) {
      const encode = (text) => new TextEncoder().encode(text);
      const texts = ["null\r\n", "[1]", '{"return": 1, "error": 2}', '{"return": {}, "return": {}}', "HTTP/1.1 400 Bad Request", '{"QMP": {}}\r\n'];
      for (const garbage of [...texts, Uint8Array.of(...encode('{"return": "'), 0xff, ...encode('"}'))]) {
        const { vm } = await serve({ commands: { "query-status": (_, { send }) => (send(garbage), mock.hold()) } });
        const { kind, outcome } = await rejection(vm.execute("query-status"));
        equal([kind, outcome, (await vm.closed).code], ["connection-lost", "unknown", 1002], String(garbage));
      }
    },
  },
  {
    name: "Q9: replies in another order are matched with async, and break the protocol without",
    needs,
    async run({ serve, equal, rejection }) {
      const echoes = { capabilities: ["async"], commands: { echo: (args) => new Promise((resolve) => setTimeout(resolve, Math.random() * 50, args)) } };
      const { vm } = await serve(echoes);
      const replies = await Promise.all(Array.from({ length: 200 }, (_, i) => vm.execute("echo", { i })));
      equal(replies.every(({ i }, at) => i === at), true);
      const other = await serve({ capabilities: [], commands: { "query-name": mock.hold, "query-status": mock.hold } });
      const pending = ["query-name", "query-status"].map((name) => rejection(other.vm.execute(name)));
      const { id, send } = await other.server.receive("query-status");
      send(`{"return": {}, "id": "${id}"}\r\n`);
      equal((await Promise.all(pending)).map(({ kind }) => kind), ["connection-lost", "connection-lost"]);
      equal((await other.vm.closed).code, 1002);
    },
  },
  {
    name: "an urgent command overtakes what is executed, and its reply the others",
    needs,
    async run({ serve, equal }) {
      let finish;
      const commands = { slow: () => new Promise((resolve) => (finish = resolve)), "query-yank": [], "query-name": { name: "x" } };
      const { vm } = await serve({ capabilities: ["oob"], commands });
      const order = [];
      const note = (name) => () => order.push(name);
      const in_band = [vm.execute("slow").then(note("slow")), vm.execute("query-name").then(note("name"))];
      await vm.execute("query-yank", {}, { oob: true }).then(note("yank"));
      finish();
      await Promise.all(in_band);
      equal(order, ["yank", "slow", "name"]);
    },
  },
  {
    name: "Q6: a reply that an earlier client left behind is nobody's, before and after negotiation",
    needs,
    async run({ serve, told, becomes, equal }) {
      const left = '{"return": {"of": "somebody"}, "id": "theirs"}\r\n';
      const { server, vm } = await serve({
        commands: { qmp_capabilities: (_, { id, send }) => (send(`${left}{"return": {}, "id": "${id}"}\r\n`), mock.hold()) },
      });
      server.send(left);
      await becomes(() => told.length === 2);
      equal(told, [{ kind: "unknown-reply", id: '"theirs"' }, { kind: "unknown-reply", id: '"theirs"' }]);
      equal(vm.state, "live");
    },
  },
];
