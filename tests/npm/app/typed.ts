// What the types of commands and events take and refuse. It is compiled and never run.

import { type Client, type CommandReturn, connect, type EventOf, type QmpEvent } from "qmp-web";
import { connect as connectShared } from "qmp-web/shared";
import type { BlockdevOptions, QmpSchema, QueryStatusReturn, RunState } from "qmp-web/schema/qemu-10.0";
import type * as Old from "qmp-web/schema/qemu-7.2";

declare module "qmp-web/schema/qemu-10.0" {
  interface QmpCommands {
    "x-ours": { arguments: { level: 1 | 2 }; returns: { done: boolean } };
  }
  interface QmpEvents {
    X_OURS: { done: boolean };
  }
}

/** Compiles if both types are the same. */
function same<A, B>(..._: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? [] : ["they differ"]) {}
function typeOf<T>(_: T): T {
  return _;
}

export async function commands(vm: Client) {
  const { status, running } = await vm.execute("query-status");
  same<typeof status, RunState>();
  same<typeof running, boolean>();
  same<CommandReturn<QmpSchema, "query-status">, QueryStatusReturn>();
  if (status === "paused") await vm.execute("cont", null, { timeout: 1_000 });
  // @ts-expect-error: no such state.
  if (status === "asleep") await vm.execute("cont");

  await vm.execute("qom-get", { path: "/machine", property: "type" });
  // @ts-expect-error: misspelt.
  await vm.execute("query-statsu");
  // @ts-expect-error: misspelt, whatever is expected of it.
  const misspelt: { status: string } = await vm.execute("query-statsu");
  // @ts-expect-error: no such command; a name alone is not enough.
  await vm.execute("x-vendor", { anything: 1 });
  const named: string = "query-status";
  // @ts-expect-error: nobody knows which it is.
  await vm.execute(named);
  // @ts-expect-error: arguments are missing.
  await vm.execute("qom-get");
  // @ts-expect-error: one of them is.
  await vm.execute("qom-get", { path: "/machine" });
  // @ts-expect-error: there is no such argument.
  await vm.execute("qom-get", { path: "/machine", property: "type", propertie: 1 });
  // @ts-expect-error: a command without arguments.
  await vm.execute("query-status", { verbose: true });
  // @ts-expect-error: of another type.
  await vm.execute("balloon", { value: "much" });
  await vm.execute("balloon", { value: 512 });
  await vm.execute("balloon", { value: 9007199254740993n });
  // @ts-expect-error: no such value.
  await vm.execute("blockdev-mirror", { device: "a", target: "b", sync: "everything" });
  // @ts-expect-error: no such member of what is returned.
  (await vm.execute("query-status")).state;
  // @ts-expect-error: nothing is returned.
  (await vm.execute("stop")).done;
  // @ts-expect-error: no such option.
  await vm.execute("stop", {}, { wait: true });

  const answer = await vm.execute<{ known: boolean }>("x-vendor", { anything: 1 });
  same<typeof answer, { known: boolean }>();
  typeOf<boolean>((await vm.execute<any>(named, {}, { timeout: 5 })).whatever);
  const { done } = await vm.execute("x-ours", { level: 1 });
  same<typeof done, boolean>();
  // @ts-expect-error: what was added is checked too.
  await vm.execute("x-ours", { level: 3 });
  return misspelt;
}

export async function shapes(vm: Client) {
  // A union by its tag, and a type that is in itself.
  await vm.execute("blockdev-add", {
    driver: "qcow2",
    "node-name": "disk",
    backing: null,
    file: { driver: "raw", file: { driver: "file", filename: "/disk", locking: "auto" } },
  });
  await vm.execute("blockdev-add", { driver: "qcow2", file: "node" });
  // @ts-expect-error: `filename` is of other drivers.
  await vm.execute("blockdev-add", { driver: "qcow2", file: "node", filename: "/disk" });
  // @ts-expect-error: `file` is missing.
  await vm.execute("blockdev-add", { driver: "qcow2" });
  // @ts-expect-error: no such driver.
  await vm.execute("blockdev-add", { driver: "qcow9", file: "node" });
  // @ts-expect-error: deep inside, an enum.
  await vm.execute("blockdev-add", { driver: "raw", file: { driver: "file", filename: "/disk", locking: "maybe" } });
  const options: BlockdevOptions = { driver: "null-co", size: 1 };
  if (options.driver === "null-co") same<typeof options.size, number | bigint | undefined>();
  // Its properties are the device's.
  await vm.execute("device_add", { driver: "e1000", id: "net0", mac: "52:54:00:12:34:56" });
  // @ts-expect-error: but it is one.
  await vm.execute("device_add", { id: "net0" });
  await vm.execute("transaction", { actions: [{ type: "abort", data: {} }] });
  const [block] = await vm.execute("query-block");
  same<NonNullable<typeof block>["inserted"] extends infer I | undefined ? (I extends { file: infer F } ? F : 0) : 0, string>();
  const keys = [{ type: "qcode", data: "ctrl" } as const, { type: "number", data: 1 } as const];
  await vm.execute("send-key", { keys });
}

export async function events(vm: Client) {
  vm.on("DEVICE_DELETED", ({ event, data, timestamp }) => {
    same<typeof event, "DEVICE_DELETED">();
    typeOf<string | undefined>(data.device);
    typeOf<number>(timestamp.seconds);
    // @ts-expect-error: no such member.
    data.devise;
  });
  // @ts-expect-error: misspelt.
  vm.on("DEVICE_DELTED", () => {});
  // @ts-expect-error: misspelt, whatever the listener takes.
  vm.on("DEVICE_DELTED", (event: QmpEvent) => event);
  // @ts-expect-error: one of them is.
  vm.on(["STOP", "RESUMED"], () => {});
  vm.on(["SHUTDOWN", "RTC_CHANGE"], (event) => {
    if (event.event === "RTC_CHANGE") typeOf<number | bigint>(event.data.offset);
    // @ts-expect-error: of the other one.
    else event.data.offset;
  });
  vm.on("*", (event) => event.event === "BALLOON_CHANGE" && typeOf<number | bigint>(event.data.actual));
  vm.on("STOP", ({ data }) => typeOf<undefined>(data));
  vm.on("X_OURS", ({ data }) => typeOf<boolean>(data.done));
  vm.on<{ level: number }>("__org.vendor_LEVEL", ({ data }) => typeOf<number>(data.level));
  vm.on<any>(["ONE", "OTHER"], ({ data }) => data.whatever);

  const { data } = await vm.once("SHUTDOWN", { where: ({ data }) => data.guest });
  // @ts-expect-error: no such reason.
  if (data.reason === "boredom") return;
  // @ts-expect-error: misspelt.
  await vm.once("SHUTDWON");
  (await vm.once<any>("X_OTHER")).data.whatever;
  for await (const event of vm.events("JOB_STATUS_CHANGE")) if (event.data.status === "ready") break;
  // @ts-expect-error: misspelt.
  vm.events("JOB_STATUS_CHANGED");
  for await (const event of vm.events<{ id: string }>("X_OTHER")) typeOf<string>(event.data.id);

  const { reply, event } = await vm.execute("device_del", { id: "net0" }, { until: "DEVICE_DELETED", where: ({ data }) => data.device === "net0" });
  same<typeof reply, {}>();
  same<typeof event, EventOf<QmpSchema, "DEVICE_DELETED">>();
  // @ts-expect-error: arguments are missing.
  await vm.execute("device_del", {}, { until: "DEVICE_DELETED" });
  // @ts-expect-error: misspelt.
  await vm.execute("stop", {}, { until: "STOPPED" });
  await vm.execute("stop", null, { until: ["STOP", "SHUTDOWN"] });
  const other = await vm.execute<{ id: string }>("x-other", {}, { until: "X_OTHER" });
  typeOf<string>(other.reply.id);
}

export async function jobs(vm: Client) {
  await vm.job("snapshot-save", { tag: "a", vmstate: "disk", devices: ["disk"] });
  await vm.job("migrate", { uri: "exec:cat > /dev/null" }).cancel();
  // @ts-expect-error: no such argument.
  vm.job("blockdev-mirror", { device: "a", target: "b", sync: "full", sped: 1 });
  // @ts-expect-error: misspelt.
  vm.job("blockdev-miror", { device: "a" });
  vm.job<any>("x-vendor-job", { anything: 1 });
}

export async function machines(url: string) {
  const old = await connect<Old.QmpSchema>(url);
  // @ts-expect-error: QEMU 7.2 has none.
  await old.execute("query-audiodevs");
  // @ts-expect-error: nor this argument.
  await old.execute("migrate", { uri: "tcp:host:1", channels: [] });
  const shared = await connectShared<Old.QmpSchema>(url);
  const { data } = await shared.once("SHUTDOWN");
  same<typeof data, Old.ShutdownData>();

  const open: Client<any> = await connect<any>(url);
  typeOf<boolean>((await open.execute("anything", { at: "all" })).whatever);
  open.on("ANYTHING", ({ data }) => data.whatever);
  const { event } = await open.execute("anything", {}, { until: "ANYTHING" });
  event.data.whatever;
}
