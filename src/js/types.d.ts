/** How to connect. */
export interface ConnectOptions {
  /** Shown to the bridge as a subprotocol, never in the URL. */
  token?: string;
  /** Milliseconds to wait for the connection, and then for the greeting. Default 5000. */
  greetingTimeout?: number;
  /** Milliseconds that negotiation may take. Default 60000. */
  negotiationTimeout?: number;
}

export interface ExecuteOptions {
  /** Send it as `exec-oob`, so that it overtakes the others. Needs the `oob` capability. */
  oob?: boolean;
}

/** An event of the machine. */
export interface QmpEvent {
  event: string;
  data?: unknown;
  timestamp: { seconds: number; microseconds: number };
}

export interface QmpVersion {
  major: number;
  minor: number;
  micro: number;
  package: string;
}

export interface CloseInfo {
  /** The close code of the WebSocket. */
  code: number;
  reason: string;
}

/** A connection to one machine. */
export interface Client {
  /**
   * Executes a command: resolves with its `return`, rejects with a `QmpError`. Arguments of the wrong JavaScript type
   * reject with a `TypeError`.
   */
  execute<T = unknown>(command: string, args?: object | null, options?: ExecuteOptions): Promise<T>;
}

/** What went wrong between this page and the machine. */
export class QmpError extends Error {
  readonly name: "QmpError";
  readonly kind: "arguments" | "busy" | "command" | "connect" | "connection-lost" | "protocol" | "state";
  /** Of kind "command": the error class, such as "CommandNotFound". */
  readonly class?: string;
  /** Of kind "command": for people; never parse it. */
  readonly desc?: string;
  /** Of kinds "arguments" and "command": the command's name. */
  readonly command?: string;
  /** Of kind "connection-lost": "unknown" if the command may have run. */
  readonly outcome?: "not-sent" | "unknown";
  /** Of kind "connect": where to. */
  readonly url?: string;
}
