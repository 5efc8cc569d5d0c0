// The declarations of the entry that shares one connection among tabs.

import type { Client, ConnectOptions, Given, QmpTypes } from "./qmp_web.js";
import type { QmpSchema } from "./schema/qemu-10.0.js";

export type * from "./qmp_web.js";
export {
  AbortError,
  CommandError,
  ConnectionLostError,
  Job,
  JobError,
  QmpError,
  TimeoutError,
} from "./qmp_web.js";

/** How to connect. What is not a token counts if this tab is the first. */
export interface SharedConnectOptions
  extends Pick<
    ConnectOptions,
    "bigint" | "check" | "greetingTimeout" | "liveness" | "negotiationTimeout" | "reconnect" | "timeout"
  > {
  /** Shown to the bridge. A function is called in a tab that is there then. */
  token?: Given<string | null | undefined>;
  /** Starts the worker of this name where the bundler does not: its script imports `qmp-web/shared-worker`. */
  worker?: (name: string) => SharedWorker;
}

/** A tab's part of a connection. `close` ends that, and the connection with the last of them. */
export type SharedClient<S extends QmpTypes = QmpSchema> = Pick<
  Client<S>,
  | "capabilities"
  | "close"
  | "closed"
  | "events"
  | "execute"
  | "getSnapshot"
  | "job"
  | "on"
  | "once"
  | "reconnect"
  | "state"
  | "subscribe"
  | "version"
  | typeof Symbol.asyncDispose
>;

/** Connects to a machine, or to the connection that another tab has. */
export function connect<S extends QmpTypes = QmpSchema>(
  url: string | URL,
  options?: SharedConnectOptions,
): Promise<SharedClient<S>>;
