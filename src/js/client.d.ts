
import type { QmpSchema } from "./schema/qemu-10.0.js";

/**
 * The commands and events of a machine. The files in `qmp-web/schema` have a `QmpSchema` that is one of these, and so has what
 * the program `qmp-web-types` makes of your machine; `any` leaves everything open.
 */
export interface QmpTypes {
  commands: object;
  events: object;
}

/** The names of all commands. */
export type CommandName<S extends QmpTypes> = keyof S["commands"] & string;

/** What a command takes. */
export type CommandArguments<S extends QmpTypes, C extends CommandName<S>> = Side<S["commands"][C], "arguments">;

/** What a command returns. */
export type CommandReturn<S extends QmpTypes, C extends CommandName<S>> = Side<S["commands"][C], "returns">;

type Side<T, Of extends string> = T[Of & keyof T];

/** The names of all events. */
export type EventName<S extends QmpTypes> = keyof S["events"] & string;

/** An event of this name, or of one of these names; of "*", any. */
export type EventOf<S extends QmpTypes, E extends string = "*"> = E extends EventName<S>
  ? QmpEvent<E, S["events"][E]>
  : E extends "*"
    ? EventOf<S, EventName<S>>
    : never;

// Arguments may be left out where none has to be there.
type Optional<A> = {} extends A ? null | undefined : never;
type Rest<C, A, O> = 0 extends 1 & C
  ? [args: OnlyWithItsType] // `C` is `any`: a type that is written out, and no name.
  : {} extends A
    ? [args?: A | null, options?: O]
    : [args: A, options?: O];
// A job gets a name where it has none.
type OfJob<A> = A extends { "job-id": string } ? Omit<A, "job-id"> & { "job-id"?: string } : A;
// A name that no schema has is taken only with a type that is written out: nothing is to be inferred here.
type Unlisted<T> = [T] extends [never] ? OnlyWithItsType : string;
interface OnlyWithItsType {
  readonly writeItAs: unique symbol;
}
type AsWritten<T> = [T][T extends any ? 0 : never];

/** Connects to a QMP server behind a WebSocket, and again whenever the connection ends. */
export function connect<S extends QmpTypes = QmpSchema>(
  url: Given<string | URL | WebSocketLike | Duplex>,
  options?: ConnectOptions,
): Promise<Client<S>>;

/**
 * A connection to one machine, which is made anew when it ends. Where a command or an event is not in the schema, a type that
 * is written out says what it returns or tells: `vm.execute<any>("x-other")`, `vm.on<{ id: string }>("X_OTHER", …)`.
 */
export class Client<S extends QmpTypes = QmpSchema> implements AsyncDisposable {
  private constructor();
  free(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
  /** The version of QEMU. */
  readonly version: QmpVersion;
  /** What was negotiated, such as `["async", "oob"]`. */
  readonly capabilities: string[];
  /** How the connection is. */
  readonly state: ConnectionState;
  /**
   * Executes a command: resolves with its `return`, rejects with a `QmpError`. `args` may have BigInts in it. A name or
   * option of the wrong type rejects with a `TypeError`.
   */
  execute<C extends CommandName<S>>(
    command: C,
    ...rest: Rest<C, CommandArguments<S, C>, ExecuteOptions>
  ): Promise<CommandReturn<S, C>>;
  /** Executes a command that is not in the schema, and waits for an event as well. */
  execute<T = never>(
    command: Unlisted<T>,
    args: object | null | undefined,
    options: UntilOptions,
  ): Promise<{ reply: AsWritten<T>; event: QmpEvent }>;
  /** Executes a command that is not in the schema, and returns this. */
  execute<T = never>(command: Unlisted<T>, args?: object | null, options?: ExecuteOptions): Promise<AsWritten<T>>;
  /** Executes a command and waits for an event as well; it is listened for before the command is sent. */
  execute<C extends CommandName<S>, E extends EventName<S>>(
    command: C,
    args: CommandArguments<S, C> | Optional<CommandArguments<S, C>>,
    options: UntilOptions<E, EventOf<S, E>>,
  ): Promise<{ reply: CommandReturn<S, C>; event: EventOf<S, E> }>;
  /**
   * Executes `migrate` or a command that starts a job, and stays with that until its end, over a lost connection too. Gives
   * a job a `job-id` unless it has one.
   */
  job<C extends CommandName<S>>(command: C, ...rest: Rest<C, OfJob<CommandArguments<S, C>>, WaitOptions>): Job;
  /** The same with a command that is not in the schema. The type is of no account. */
  job<T = never>(command: Unlisted<T>, args?: object | null, options?: WaitOptions): Job;
  /** Calls `listener` with each event of a name that is not in the schema, whose `data` is this. */
  on<T = never>(
    event: Unlisted<T> | readonly Unlisted<T>[],
    listener: (event: QmpEvent<string, AsWritten<T>>) => void,
  ): () => void;
  /**
   * Calls `listener` with each event of this name or these names, or with every event for "*". Returns a function that ends
   * it.
   */
  on<E extends EventName<S> | "*">(event: E | readonly E[], listener: (event: EventOf<S, E>) => void): () => void;
  /** Closes the connection for good. What is pending rejects. Resolves when that is done. */
  close(): Promise<void>;
  /** Connects anew, now: instead of waiting for the next try, after the last one, or instead of what is connected. */
  reconnect(): void;
  /** Resolves when the connection has ended and is not made again, however that came. */
  readonly closed: Promise<CloseInfo>;
  /** How the connection is; another object after each change. */
  getSnapshot(): Snapshot;
  /** Calls `listener` with how the connection is, now and after each change. Returns a function that ends it. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
  /** What went over the connection, and what became of it. */
  readonly trace: Trace;
  /** What the machine says of its commands, events and types. It is asked once, and again after a reconnect. */
  schema(): Promise<Schema>;
  /** The next event of a name that is not in the schema, whose `data` is this. */
  once<T = never>(
    event: Unlisted<T> | readonly Unlisted<T>[],
    options?: EventOptions<QmpEvent<string, AsWritten<T>>>,
  ): Promise<QmpEvent<string, AsWritten<T>>>;
  /** The next event of this name, or of one of these names. */
  once<E extends EventName<S>>(event: E | readonly E[], options?: EventOptions<EventOf<S, E>>): Promise<EventOf<S, E>>;
  /** Events of a name that is not in the schema, whose `data` is this. */
  events<T = never>(
    event: Unlisted<T> | readonly Unlisted<T>[],
    options?: StreamOptions,
  ): EventStream<QmpEvent<string, AsWritten<T>>>;
  /** Events of this name or these names as they come, or all of them for "*". */
  events<E extends EventName<S> | "*">(event: E | readonly E[], options?: StreamOptions): EventStream<EventOf<S, E>>;
}
