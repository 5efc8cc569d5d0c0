// What a program in TypeScript may write. It is compiled against the built client and never run.

import {
  AbortError,
  type Client,
  CommandError,
  ConnectionLostError,
  connect,
  type Diagnostic,
  init,
  Job,
  QmpError,
  type Snapshot,
  TimeoutError,
  Trace,
  type TraceEntry,
} from "client";

export async function everything(pipe: { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> }) {
  await init();
  const onDiagnostic = (diagnostic: Diagnostic) => (diagnostic.kind === "resumed" ? diagnostic.gap : diagnostic.kind);
  const liveness = { silence: 1000, unstable: 1, dead: 1 };
  const vm: Client = await connect("ws://host/vm/vm1/qmp", {
    token: async () => "token",
    reconnect: { tries: Infinity },
    bigint: "always",
    timeout: 5,
    liveness,
    onDiagnostic,
    trace: { level: "verbose", capacity: 5, redact: (text, { command }) => (command === "x" ? undefined : text) },
  });
  const status = await vm.execute<{ status: string }>("query-status", {}, { timeout: 5, signal: AbortSignal.timeout(1) });
  const both = await vm.execute("stop", null, { until: ["STOP"], where: ({ event }) => event === "STOP" });
  const stopped = await vm.once("STOP", { timeout: 1 });
  for await (const { timestamp } of vm.events("*", { capacity: 3 })) console.log(timestamp.seconds);
  const off: () => void = vm.on(["STOP", "RESUME"], ({ data }) => console.log(data));
  const snapshot: Snapshot = vm.getSnapshot();
  const end: () => void = vm.subscribe(({ state, error }) => console.log(state === "closed", error?.kind));
  try {
    await vm.execute("object-add", { "qom-type": "memory-backend-ram", id: "ram", size: 1n });
  } catch (error) {
    if (error instanceof CommandError) console.log(error.class.length, error.desc, error.command, error.id.length);
    if (error instanceof ConnectionLostError) console.log(error.outcome === "unknown");
    if (error instanceof TimeoutError || error instanceof AbortError) console.log(error.kind);
    if (error instanceof QmpError) console.log(error.stack);
  }
  const pipes = [await connect(new WebSocket("ws://host")), await connect(pipe), await connect(() => new URL("ws://host"))];
  const trace = new Trace("messages");
  const untrace: () => void = trace.on((entry: TraceEntry) => {
    if (entry.kind === "received" && !entry.redacted) console.log(entry.time, entry.text?.length, entry.command);
    if (entry.kind === "state") console.log(entry.state, entry.error?.message);
  });
  await connect("ws://host", { trace });
  vm.trace.level = "off";
  console.log(vm.trace.entries().length, vm.trace.dropped, vm.trace.toNDJSON().length, vm.getSnapshot().runState, untrace);
  // @ts-expect-error there is no such level
  vm.trace.level = "all";
  // @ts-expect-error there is no such option
  await connect("ws://host", { tokn: "" });
  // @ts-expect-error nor this state
  const never: boolean = snapshot.state === "open";
  // @ts-expect-error an event is waited for by its name
  await vm.execute("stop", {}, { until: 5 });
  const job = vm.job("blockdev-create", { options: { driver: "qcow2", file: "node", size: 1 } }, { timeout: 5 });
  for await (const now of job.progress({ interval: 5 })) console.log(now.status, now["current-progress"]);
  await job.cancel({ force: false });
  const ended = await job;
  await vm.job("migrate", { uri: "tcp:host:1" }).resume({ uri: "tcp:host:2" });
  console.log(job instanceof Job, ended.status);
  vm.reconnect();
  await vm.close();
  await using last = await connect("ws://host");
  return { status: status.status, both: both.event.event, reply: both.reply, stopped, off, end, pipes, never, code: (await vm.closed).code, last: last.version.major };
}
