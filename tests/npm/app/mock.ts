// What a test in TypeScript may write. It is compiled and never run.

import { type Client, connect } from "qmp-web";
import { type Call, hold, later, MockServer, Refusal } from "qmp-web/mock";

export async function everything(recording: string) {
  const server = new MockServer({
    capabilities: ["async", "oob"],
    version: { major: 10, minor: 0, micro: 0, package: "" },
    commands: { "query-status": { status: "running", running: true }, "query-name": later(100, {}) },
  });
  const off: () => void = server.on("device_del", ({ id }, call) => {
    if (call.oob) throw new Refusal("not now");
    return id === "net1" ? {} : new Refusal(`Device '${id}' not found`, "DeviceNotFound");
  });
  server.once("stop", hold);
  const vm: Client = await connect(server.connect);
  await connect(server.duplex);
  await connect("ws://host", { WebSocket: server.WebSocket });
  globalThis.WebSocket = server.WebSocket as typeof WebSocket;
  const call: Call = await server.receive("stop");
  server.event("STOP", { reason: 1n });
  const { reply, refuse } = call;
  const late: boolean = reply({}) || refuse("too late", "GenericError") || call.drop();
  server.close(4401, "the token is none any more");
  server.cut({ after: 10 });
  server.stall();
  server.release();
  server.refuses = true;
  const names: string[] = server.calls.map(({ name }) => name);
  const tokens = server.attempts.map(({ token }) => token?.length);
  const { unplayed } = new MockServer({ replay: recording, match: (recorded, given) => recorded.id === given.id });
  // @ts-expect-error: there is no such option.
  new MockServer({ capability: [] });
  off();
  return [vm, late, names, tokens, unplayed[0]?.name];
}
