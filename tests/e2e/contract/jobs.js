// What becomes of a job when nobody knows whether it was started. How jobs of a QEMU go is in jobs.test.mjs and
// migration.test.mjs.

const needs = ["script"];
const ACTIVE = { status: "active", ram: { total: 100, remaining: 40, mbps: 0.5 } };
const COMPLETED = { status: "completed", ram: { total: 100, remaining: 0 } };

/** A client of a server that cuts the connection instead of answering this command. */
async function connectTo(commands, name) {
  const server = new mock.MockServer({ commands: { ...commands, [name]: () => (server.cut(), mock.hold()) } });
  return { server, vm: await qmp.connect(() => server.connect(), { reconnect: { base: 1 } }) };
}

export const JOBS = [
  {
    name: "a migration that may have been started is followed if it is under way",
    needs,
    async run({ equal }) {
      const states = [ACTIVE, { ...ACTIVE, ram: { total: 100, remaining: 10 } }, COMPLETED];
      const { server, vm } = await connectTo({ "query-migrate": () => states[0] }, "migrate");
      const job = vm.job("migrate", { uri: "tcp:192.0.2.1:1" });
      const progress = [];
      for await (const now of job.progress({ interval: 1 })) {
        progress.push([now.status, now["current-progress"], now["total-progress"]]);
        states.shift();
      }
      equal(progress, [["active", 60, 100], ["active", 90, 100], ["completed", 100, 100]]);
      const { status, migration } = await job;
      equal([status, migration], ["completed", COMPLETED]);
      equal(server.calls.filter(({ name }) => name === "migrate").map(({ args }) => args), [{ uri: "tcp:192.0.2.1:1" }], "once");
      await vm.close();
    },
  },
  {
    name: "a migration that may have been started and is not under way has an unknown outcome",
    needs,
    async run({ equal, rejection }) {
      for (const found of [{}, { status: "none" }, COMPLETED, { status: "failed", "error-desc": "of an earlier one" }]) {
        const { vm } = await connectTo({ "query-migrate": found }, "migrate");
        const { kind, outcome } = await rejection(vm.job("migrate", { uri: "tcp:192.0.2.1:1" }));
        equal([kind, outcome], ["connection-lost", "unknown"], JSON.stringify(found));
        await vm.close();
      }
    },
  },
  {
    name: "a migration in postcopy is paused out of band and resumed at another place",
    needs,
    async run({ serve, equal, rejection }) {
      let status = "active";
      const move = (to) => () => ((status = to), {});
      const commands = {
        migrate: ({ resume }) => (resume ? move("postcopy-recover")() : {}),
        "migrate-start-postcopy": move("postcopy-active"),
        "migrate-pause": move("postcopy-paused"),
        migrate_cancel: move("cancelled"),
        "query-migrate": () => ({ status }),
      };
      const { server, vm } = await serve({ commands });
      const job = vm.job("migrate", { uri: "tcp:192.0.2.1:1", detach: true });
      await job.complete();
      await job.pause();
      await job.resume({ uri: "tcp:192.0.2.1:2" });
      await job.cancel();
      const { kind, desc } = await rejection(job);
      equal([kind, desc], ["job", "Operation canceled"]);
      const orders = server.calls.filter(({ name }) => name.startsWith("migrate")).map(({ name, args, oob }) => [name, args, oob]);
      equal(orders, [
        ["migrate", { uri: "tcp:192.0.2.1:1", detach: true }, false],
        ["migrate-start-postcopy", {}, false],
        ["migrate-pause", {}, true],
        ["migrate", { uri: "tcp:192.0.2.1:2", detach: true, resume: true }, false],
        ["migrate_cancel", {}, false],
      ]);
    },
  },
  {
    name: "a job that may have been started is followed by its id, or has an unknown outcome",
    needs,
    async run({ equal, rejection }) {
      for (const started of [true, false]) {
        const jobs = [];
        const { server, vm } = await connectTo({ "query-jobs": () => jobs, "job-dismiss": {} }, "blockdev-create");
        server.receive("blockdev-create").then(({ args }) => started && jobs.push({ id: args["job-id"], type: "create", status: "concluded" }));
        const ended = await vm.job("blockdev-create", {}).then(({ status }) => status, ({ kind, outcome }) => `${kind} ${outcome}`);
        equal(ended, started ? "concluded" : "connection-lost unknown");
        await vm.close();
      }
    },
  },
  {
    name: "a job whose connection is closed may go on",
    needs,
    async run({ serve, equal, rejection }) {
      const { vm } = await serve({ commands: { "query-jobs": [{ id: "mine", type: "mirror", status: "running" }], "blockdev-mirror": {}, "job-pause": new mock.Refusal("not now") } });
      const job = vm.job("blockdev-mirror", { "job-id": "mine" });
      equal((await job.progress().next()).value.status, "running");
      equal((await rejection(job.pause())).desc, "not now");
      await vm.close();
      const { kind, outcome } = await rejection(job);
      equal([kind, outcome], ["connection-lost", "unknown"]);
    },
  },
  {
    name: "events that tell nothing of a job are none of its own",
    needs,
    async run({ serve, equal }) {
      const { server, vm } = await serve({ capabilities: ["async"], commands: { "query-jobs": [{ id: "mine", type: "mirror", status: "concluded" }], "blockdev-mirror": mock.hold, "job-dismiss": {} } });
      const begun = server.receive("blockdev-mirror");
      const job = vm.job("blockdev-mirror", { "job-id": "mine" });
      const { id, send } = await begun;
      for (const data of [undefined, null, 5, {}]) for (const name of ["JOB_STATUS_CHANGE", "BLOCK_JOB_COMPLETED"]) server.event(name, data);
      send(`{"return": {}, "id": "${id}"}\r\n`);
      equal((await job).status, "concluded");
    },
  },
  {
    name: "a job is not asked for more often than progress() says, nor with what is no time",
    needs,
    async run({ serve, equal, rejection }) {
      const { server, vm } = await serve({ commands: { "query-jobs": [{ id: "mine", type: "mirror", status: "running" }], "blockdev-mirror": {} } });
      const job = vm.job("blockdev-mirror", { "job-id": "mine" });
      const progress = job.progress({ interval: Infinity });
      equal((await progress.next()).value.status, "running");
      const next = progress.next();
      for (let round = 0; round < 20; round++) await new Promise((resolve) => setTimeout(resolve));
      const asked = server.calls.filter(({ name }) => name === "query-jobs").length;
      // Those of the start, and one of each step.
      equal(asked <= 4, true, `${asked}`);
      for (const interval of [0, NaN, "soon"]) equal((await rejection(job.progress({ interval }).next())).name, "TypeError", String(interval));
      await vm.close();
      equal((await next).done, true);
    },
  },
];
