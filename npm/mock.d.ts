// The declarations of the entry for tests: a QMP server in memory.

import type { Duplex, QmpVersion, WebSocketLike } from "./qmp_web.js";

/** What answers a command: a value, or a function of its arguments that gives one or a promise of one, or throws a `Refusal`. */
export type Answer = ((args: any, call: Call) => unknown) | Refusal | object | string | number | bigint | boolean | null;

/** A command that has come. Its methods may be taken out of it. */
export interface Call {
  readonly name: string;
  /** `{}` where it has none. What a number does not hold is a BigInt. */
  readonly args: any;
  readonly id: unknown;
  /** It was sent as `exec-oob`. */
  readonly oob: boolean;
  /** Answers it now. False if it was answered before. */
  reply(this: void, value?: unknown): boolean;
  /** Answers it with an error, by default of class "GenericError". */
  refuse(this: void, desc: string, errorClass?: string): boolean;
  /** Its reply is lost; the server goes on with the next. */
  drop(this: void): boolean;
  /** Sends text or bytes as they are to whoever sent the command. */
  send(this: void, what: string | Uint8Array): void;
}

/** An error that a command answers: returned, thrown or given as the answer. */
export class Refusal {
  /** `errorClass` is by default "GenericError". */
  constructor(desc: string, errorClass?: string);
  readonly class: string;
  readonly desc: string;
}

export interface MockOptions {
  /** What commands answer, by name; `on` says more later. */
  commands?: Record<string, Answer>;
  /** Offered in the greeting. Default `["oob"]`, as QEMU does; `qmp-bridge` offers "async" too. */
  capabilities?: string[];
  /** Told in the greeting. */
  version?: QmpVersion;
  /** Sent instead of a greeting: text as it is, or a message. */
  greeting?: string | object;
  /**
   * Which capabilities a `qmp_capabilities` with these arguments asks for; `undefined` for words that are not understood.
   * Default: in QEMU's words, `enable`, or those of the async text, `capabilities`.
   */
  enabled?: (args: any) => string[] | undefined;
  /** So many bytes come at a time. Default `Infinity`, a message at a time. */
  pieces?: number;
  /** A recorded session, as `vm.trace.toNDJSON()` gives it: what `commands` and `on` say nothing of is answered by it. */
  replay?: string;
  /** Whether arguments are those of a command in the recording. Default: if they are alike, with any value for "***". */
  match?: (recorded: any, given: any) => boolean;
}

/** A QMP server in memory. */
export class MockServer {
  constructor(options?: MockOptions);
  /** Whether it takes no new connection. Default `false`. */
  refuses: boolean;
  /** For `connect` of the client: `connect(server.connect)`. Throws while the server refuses. */
  readonly connect: () => WebSocketLike;
  /** The same as a pair of byte streams. */
  readonly duplex: () => Duplex;
  /** A class for the option `WebSocket`, or to stand where the global one does. All its addresses lead here. */
  readonly WebSocket: new (url: string | URL, protocols?: string | string[]) => WebSocketLike;
  /** Answers a command from now on; with "*" all that have no answer. Returns a function that ends it. */
  on(name: string, answer: Answer): () => void;
  /** Answers a command the next time it comes. */
  once(name: string, answer: Answer): void;
  /** The oldest command of this name that was not received yet, or the next that comes. */
  receive(name: string): Promise<Call>;
  /** Tells an event to all who have negotiated. The time is by default that of `Date.now()`. */
  event(event: string, data?: unknown, timestamp?: { seconds: number; microseconds: number }): void;
  /** Sends text or bytes as they are to all. */
  send(what: string | Uint8Array): void;
  /** Ends all connections, by default with 1000, which the client takes for no reason to stay away. */
  close(code?: number, reason?: string): void;
  /** Breaks all connections, without a close code: at once, or in the midst of what is sent, `after` so many bytes. */
  cut(options?: { after?: number }): void;
  /** From now on nothing goes through, in either direction, and nobody is told. */
  stall(): void;
  /** What was stalled arrives. */
  release(): void;
  /** Every command that came, in their order: negotiation and the client's own questions are among them. */
  readonly calls: Call[];
  /** Every connection that was asked for, in their order; those of `WebSocket` have an address and the token shown there. */
  readonly attempts: { url?: string; token?: string }[];
  /** How many connections there are. */
  readonly connections: number;
  /** The commands of the recording that nobody has sent. */
  readonly unplayed: { name: string; args: any }[];
  /** Forgets `calls` and `attempts`. */
  clear(): void;
}

/** An answer that comes so many milliseconds later: by `setTimeout`, which may be a fake one. */
export function later(milliseconds: number, answer?: Answer): Answer;

/** An answer that never comes by itself. The test gives it with `call.reply()`, or nobody does. */
export function hold(): Promise<never>;
