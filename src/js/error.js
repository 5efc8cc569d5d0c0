// The one class of everything that a call of this package throws or rejects with. `kind` tells what happened.
export class QmpError extends Error {
  constructor(kind, message, details) {
    super(message);
    this.name = "QmpError";
    this.kind = kind;
    Object.assign(this, details);
  }
}

// Reports what a listener threw as uncaught, outside of whoever called the listener.
export function reportUncaught(thrown) {
  queueMicrotask(() => {
    throw thrown;
  });
}
