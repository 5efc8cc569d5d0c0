// What went wrong between this page and the machine. `kind` tells what it is.
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
