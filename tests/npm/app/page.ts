// What a page may write. It is compiled and never run.

import { type Client, CommandError, connect, init, QmpError, type Snapshot, Trace } from "qmp-web";
import { connect as connectInline } from "qmp-web/inline";
import { connect as connectShared, QmpError as SharedError, type SharedClient } from "qmp-web/shared";
import "qmp-web/shared-worker";

export async function everything(module: WebAssembly.Module) {
  await init(module);
  await init(fetch("qmp_web_bg.wasm"));
  const vm: Client = await connect(new URL("ws://host"), { WebSocket, token: async () => "token", trace: new Trace() });
  const { status } = await vm.execute("query-status");
  const tab: SharedClient = await connectShared("ws://host", { worker: (name) => new SharedWorker("worker.js", { type: "module", name }) });
  const { event } = await tab.execute("stop", {}, { until: "STOP" });
  // @ts-expect-error: a shared connection has none.
  tab.schema;
  // @ts-expect-error: nor can a worker be told of a function.
  await connectShared("ws://host", { onDiagnostic: () => {} });
  tab.subscribe(({ runState }: Snapshot) => runState?.length);
  await connectInline(new WebSocket("ws://host"));
  const error: QmpError = new SharedError();
  return [status, event.event, error instanceof CommandError && error.desc];
}
