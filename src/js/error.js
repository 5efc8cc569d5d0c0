// What went wrong between this page and the machine. `kind` tells what it is; the classes say the same to `instanceof`.

export class QmpError extends Error {
  constructor(kind, message, { cause, ...details }) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "QmpError";
    this.kind = kind;
    Object.assign(this, details);
  }
}

/** The machine refused the command. */
export class CommandError extends QmpError {}

/** The connection ended before the reply came, or there was none. */
export class ConnectionLostError extends QmpError {}

/** A signal said that nobody waits any more. The command may still run, unless `outcome` is "not-sent". */
export class AbortError extends QmpError {}

/** A job ended with an error. */
export class JobError extends QmpError {}

/** No reply came in time. The command may still run, unless `outcome` is "not-sent". */
export class TimeoutError extends QmpError {}

const CLASSES = {
  aborted: [AbortError, "AbortError"],
  command: [CommandError, "CommandError"],
  "connection-lost": [ConnectionLostError, "ConnectionLostError"],
  job: [JobError, "JobError"],
  timeout: [TimeoutError, "TimeoutError"],
};

export function makeError(kind, message, details) {
  const [Class, name] = CLASSES[kind] ?? [QmpError, "QmpError"];
  const error = new Class(kind, message, details);
  error.name = name;
  return error;
}

/** What a thrown value says, whatever it is. */
export function messageOf(thrown) {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return "something was thrown that has no text";
  }
}

// Reports what a listener threw as uncaught, outside of whoever called the listener.
export function reportUncaught(thrown) {
  queueMicrotask(() => {
    throw thrown;
  });
}
