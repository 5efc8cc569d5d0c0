/// <reference lib="esnext.disposable" />

/** A value, or a function that gives one, now or later; it is called again before each try. */
export type Given<T> = T | (() => T | Promise<T>);

/** Any pipe of bytes. */
export interface Duplex {
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream<Uint8Array>;
}

/** What a WebSocket, or the package `ws`, has of what the client uses. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly protocol: string;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(data: any): void;
  close(): void;
}

/** How to connect. */
export interface ConnectOptions {
  /** The class of WebSockets where there is none, or another is wanted, such as that of the package `ws`. */
  WebSocket?: new (url: string, protocols: string[]) => WebSocketLike;
  /** Shown to the bridge as a subprotocol, never in the URL. */
  token?: Given<string | null | undefined>;
  /** When to connect again after the connection has ended; `false` for never. */
  reconnect?: boolean | RetryOptions;
  /** When a peer that says nothing is in doubt. */
  liveness?: LivenessOptions;
  /**
   * Which integers become BigInts. Default "auto": those past ±(2⁵³ − 1). "always": all of them.
   * "never": none, and they are rounded.
   */
  bigint?: "auto" | "always" | "never";
  /** Milliseconds that a command may take, `Infinity` for any time. Default: by the kind of command, see docs/js-api.md. */
  timeout?: number;
  /** Milliseconds to wait for the connection, and then for the greeting. Default 5000. */
  greetingTimeout?: number;
  /** Milliseconds that negotiation may take. Default 60000. */
  negotiationTimeout?: number;
  /** Check arguments by the machine's schema before they are sent. Default `false`. */
  check?: boolean;
  /** Is told what has no other place to be told. */
  onDiagnostic?: (diagnostic: Diagnostic) => void;
  /** Is told of each event that nobody listens for. */
  onUnhandledEvent?: (event: QmpEvent) => void;
  /** What is kept of what goes over the connection. Default "off". */
  trace?: TraceLevel | TraceOptions | Trace;
}

/** "messages": every message, both ways. "verbose": what becomes of the connection, too. */
export type TraceLevel = "off" | "messages" | "verbose";

export interface TraceOptions {
  /** Default "messages". */
  level?: TraceLevel;
  /** So many entries are kept; then the oldest go. Default 1000. */
  capacity?: number;
  /** So many characters of messages are kept; then the oldest go. Default 4194304. */
  characters?: number;
  /**
   * Takes out what the trace itself does not know to be a secret: gives the text to keep. If it gives anything but a string,
   * or throws, the message is kept without its text.
   */
  redact?: (text: string, message: { kind: "sent" | "received"; command?: string }) => string | undefined;
}

/** An entry of a trace. `time` counts milliseconds since 1970, with a fraction. */
export type TraceEntry = { readonly time: number } & (
  | {
      readonly kind: "sent" | "received";
      /** As it was written, but for what was taken out. Not there if all of it was. */
      readonly text?: string;
      /** Of a command or its reply: its name. */
      readonly command?: string;
      /** Something was taken out. */
      readonly redacted?: true;
      /** How long it was, where the end was cut off. */
      readonly truncated?: number;
    }
  | {
      readonly kind: "state";
      readonly state: ConnectionState;
      readonly attempt?: number;
      readonly retryAt?: number;
      readonly error?: { kind: string; message: string };
    }
  | { readonly kind: "try"; readonly url: string }
  | { readonly kind: "ping"; readonly id: string }
  | { readonly kind: "closed"; readonly code: number; readonly reason: string }
  | { readonly kind: "diagnostic"; readonly diagnostic: Diagnostic }
);

/** What went over a connection, within bounds and without secrets. */
export class Trace {
  constructor(options?: TraceLevel | TraceOptions);
  /** May be set at any time. */
  level: TraceLevel;
  /** How many entries were pushed out since the start, or since `clear`. */
  readonly dropped: number;
  /** What is kept, oldest first. */
  entries(): TraceEntry[];
  /** Forgets everything. */
  clear(): void;
  /** Calls `listener` with each entry as it is made. Returns a function that ends it. */
  on(listener: (entry: TraceEntry) => void): () => void;
  /** What is kept as text, one JSON object a line; docs/js-api.md has the format. */
  toNDJSON(): string;
}

export interface RetryOptions {
  /** Before try number n of a row it waits a random time of up to `base` · 2ⁿ⁻¹ milliseconds. Default 250. */
  base?: number;
  /** The longest such time. Default 30000. */
  max?: number;
  /** How many tries are made in a row, `Infinity` for any number. Default 30, which takes about six minutes. */
  tries?: number;
}

export interface LivenessOptions {
  /** Milliseconds of silence after which it is asked for a sign of life, at least 1000. Default 15000. */
  silence?: number;
  /** Milliseconds without an answer after which it is called unstable. Default 5000. */
  unstable?: number;
  /** Milliseconds more after which it is given up, and connected to anew. Default 10000. */
  dead?: number;
}

/**
 * "late-reply", "unknown-reply": a reply that nobody waits for any more, or that belongs to no command of ours. It was
 * dropped. "resumed": connected again; what happened in these milliseconds may have been missed. "unchecked": there is no
 * schema to check arguments by.
 */
export type Diagnostic =
  | { kind: "late-reply"; command: string }
  | { kind: "unknown-reply"; id?: string }
  | { kind: "resumed"; gap: number }
  | { kind: "unchecked"; error: QmpError };

/** "unstable": connected, but the other side gives no sign of life. "closed": nothing is tried any more. */
export type ConnectionState = "connecting" | "live" | "unstable" | "reconnecting" | "closed";

/** How a connection and its machine are. It is another object after each change, and the same one until then. */
export interface Snapshot {
  readonly state: ConnectionState;
  /** While reconnecting: the number of the try that is under way, or else of the next one. */
  readonly attempt?: number;
  /** While reconnecting: when the next try is made, as `Date.now()` counts. */
  readonly retryAt?: number;
  /** While reconnecting or closed: why. */
  readonly error?: QmpError;
  /** While live: QEMU's `RunState`, such as "running" or "paused". It is asked for while somebody is subscribed. */
  readonly runState?: string;
}

export interface WaitOptions {
  /** Ends the waiting. What was sent may still run. */
  signal?: AbortSignal;
  /** Milliseconds to wait, `Infinity` for any time. */
  timeout?: number;
}

export interface ExecuteOptions extends WaitOptions {
  /** Send it as `exec-oob`, so that it overtakes the others. Needs the `oob` capability. */
  oob?: boolean;
}

export interface EventOptions<E = QmpEvent> extends WaitOptions {
  /** Which of the events of these names counts. Default: any. */
  where?: (event: E) => boolean;
}

export interface UntilOptions<N extends string = string, E = QmpEvent> extends ExecuteOptions, EventOptions<E> {
  /** Wait for an event of this name, or one of these names, too. It may come before the reply. */
  until: N | readonly N[];
}

export interface StreamOptions {
  /** Ends the stream. */
  signal?: AbortSignal;
  /** So many events are kept until they are taken; then the oldest go. Default 1024. */
  capacity?: number;
}

/** An event of the machine. */
export interface QmpEvent<N extends string = string, D = any> {
  event: N;
  data: D;
  /** Both -1 where the host has no time. */
  timestamp: { seconds: number; microseconds: number };
  /** Behind qmp-bridge: it counts the events of the machine, over all connections to it. */
  "__io.github.qmp-web_number"?: number;
}

/** Events as they come. A loop over it ends when the connection has ended for good, or when the signal says so. */
export interface EventStream<E = QmpEvent> extends AsyncIterableIterator<E> {
  /** How many events nobody took in time. */
  readonly dropped: number;
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

/** Something that the machine would refuse. */
export interface Problem {
  /** "missing": it has to be there and is not. "unknown": there is no such member. "value": none of an enum's. */
  kind: "command" | "missing" | "type" | "unknown" | "value";
  /** Where in the arguments, such as "actions[0].type"; empty for all of them. */
  path: string;
  message: string;
}

/** Which place of a command is completed. */
export interface CompleteOptions {
  /** The command, or without `path` what it begins with. */
  command: string;
  /** The arguments as far as they are written. */
  args?: object | null;
  /** The place in the arguments; `[]` for members of the arguments themselves. */
  path?: (string | number)[];
}

/** What can stand at a place: a command, a member or a value. */
export interface Candidate {
  name: string;
  /** Of a member, for people: "int", "array of string", "enum: off | on". */
  type?: string;
  /** Of a member. */
  required?: boolean;
  deprecated: boolean;
  unstable: boolean;
}

/** What a schema tells of a command or an event. */
export interface Description {
  name: string;
  kind: "command" | "event";
  /** Of its arguments or its data; those of variants are told by `complete`. */
  members: Candidate[];
  /** Of a command. */
  returns?: string;
  /** Of a command: it can be executed out of band. */
  oob?: boolean;
  /** Of a command: it takes members that no schema tells of. */
  open?: boolean;
  deprecated: boolean;
  unstable: boolean;
}

/** What a machine says of its commands and events. */
export class Schema {
  private constructor();
  free(): void;
  [Symbol.dispose](): void;
  /** The names of all commands, in alphabetical order. */
  readonly commands: string[];
  /** The names of all events, in alphabetical order. */
  readonly events: string[];
  /** What is told of a command or an event; `undefined` where there is none of this name. */
  describe(name: string): Description | undefined;
  /** What can stand at a place of a command that is being written. */
  complete(place: CompleteOptions): Candidate[];
  /** What the machine would refuse of a command with these arguments, as far as a schema tells. */
  check(command: string, args?: object | null): Problem[];
}

/** A job as `query-jobs` tells of it, or the migration in the same words. */
export interface JobInfo {
  id: string;
  type?: string;
  status: string;
  "current-progress"?: number;
  "total-progress"?: number;
  error?: string;
  /** Of a migration: all that `query-migrate` returned. */
  migration?: any;
}

/** A job or the migration of the machine. To await it is to await its end. */
export class Job implements PromiseLike<JobInfo> {
  private constructor();
  readonly id: string;
  then: PromiseLike<JobInfo>["then"];
  /**
   * The job as it is, whenever that has changed, the last time as it ended, if that was seen; asked for every `interval`
   * milliseconds, 500 by default.
   */
  progress(options?: { interval?: number }): AsyncGenerator<JobInfo, void, void>;
  /** `force: false`: a block job that is ready keeps what it has copied, and has not failed. */
  cancel(options?: { force?: boolean }): Promise<void>;
  complete(): Promise<void>;
  finalize(): Promise<void>;
  pause(): Promise<void>;
  /** `args`: of a migration, what differs from the arguments that it was started with. */
  resume(args?: object): Promise<void>;
}

/** What went wrong between this page and the machine. */
export class QmpError extends Error {
  readonly kind:
    | "aborted"
    | "arguments"
    | "busy"
    | "command"
    | "connect"
    | "connection-lost"
    | "job"
    | "load"
    | "protocol"
    | "state"
    | "timeout";
  /** Of kinds "aborted", "arguments", "command" and "timeout": the command's name. */
  readonly command?: string;
  /** Of kinds "aborted", "connection-lost" and "timeout": "unknown" if the command may have run. */
  readonly outcome?: "not-sent" | "unknown";
  /** Of kind "arguments", where they were checked: what the machine would refuse. */
  readonly problems?: Problem[];
  /** Of kind "connect": where to. */
  readonly url?: string;
}

/** The machine refused the command. */
export class CommandError extends QmpError {
  readonly kind: "command";
  /** The error class, such as "CommandNotFound". */
  readonly class: string;
  /** For people; never parse it. */
  readonly desc: string;
  readonly command: string;
  /** The command's id on the wire, as the logs of a bridge and a trace have it. */
  readonly id: string;
}

/** The connection ended before the reply came, or there was none. The command is never sent again by itself. */
export class ConnectionLostError extends QmpError {
  readonly kind: "connection-lost";
  /** Not there where an event was waited for. */
  readonly outcome?: "not-sent" | "unknown";
}

/** A signal said that nobody waits any more; `cause` is its reason. */
export class AbortError extends QmpError {
  readonly kind: "aborted";
}

/** No reply, or no event, came in time. The session goes on. */
export class TimeoutError extends QmpError {
  readonly kind: "timeout";
}

/** A job ended otherwise than well; `desc` says how, for people. */
export class JobError extends QmpError {
  readonly kind: "job";
  /** That it was started by. */
  readonly command: string;
  /** The job's. */
  readonly id: string;
  readonly desc: string;
  /** "unknown" where it was gone before anybody saw how it had ended. */
  readonly reason: "cancelled" | "failed" | "unknown";
}
