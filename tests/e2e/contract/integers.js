// Integers to the last digit.

const GIVEN = [9007199254740993n, 9223372036854775807n, 9007199254740991, 7];
const EXACT = [9007199254740993n, 9223372036854775807n, 9007199254740991, 7];
const EXPECTED = { auto: EXACT, always: EXACT.map(BigInt), never: EXACT.map(Number) };

export const INTEGERS = [
  {
    name: "integers are exact to the last digit, both ways",
    needs: ["objects"],
    async run({ connect, equal }) {
      for (const bigint of ["auto", "always", "never"]) {
        const vm = await connect({ bigint });
        const values = [];
        for (const value of GIVEN) {
          await vm.execute("object-add", { "qom-type": "iothread", id: "io", "poll-max-ns": value });
          values.push(await vm.execute("qom-get", { path: "/objects/io", property: "poll-max-ns" }));
          await vm.execute("object-del", { id: "io" });
        }
        await vm.close();
        equal(values, EXPECTED[bigint], bigint);
      }
    },
  },
  {
    name: "integers of events and of anything nested are exact too, and text that looks like one stays text",
    needs: ["script"],
    async run({ serve, equal }) {
      const value = { deep: [{ most: 18446744073709551615n, least: -9223372036854775808n }], text: "9007199254740993", broken: 0.5, small: -1 };
      const { server, vm } = await serve({ commands: { echo: (args) => args } });
      equal(await vm.execute("echo", value), value);
      const told = vm.once("TOLD");
      server.event("TOLD", value, { seconds: 1, microseconds: 2 });
      const { event, data, timestamp } = await told;
      equal({ event, data, timestamp }, { event: "TOLD", data: value, timestamp: { seconds: 1, microseconds: 2 } });
    },
  },
];
