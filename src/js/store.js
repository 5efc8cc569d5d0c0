// How a connection and its machine are, as one object that is another one after each change: what stores of frameworks ask
// for. The state of the connection is told; the run state is asked for, while somebody looks.

import { reportUncaught } from "./error.js";

// Those after which the machine may be in another run state.
const EVENTS = new Set([
  "BLOCK_IO_ERROR",
  "GUEST_CRASHLOADED",
  "GUEST_PANICKED",
  "MIGRATION",
  "RESET",
  "RESUME",
  "SHUTDOWN",
  "STOP",
  "SUSPEND",
  "SUSPEND_DISK",
  "WAKEUP",
  "WATCHDOG",
]);

// Those that it leaves without an event.
const PASSING = new Set(["finish-migrate", "inmigrate", "restore-vm", "save-vm"]);

const ofConnection = new WeakSet();

/** A listener of our own: it hears of the connection alone, and for it nothing is asked. */
export function connectionOnly(listener) {
  ofConnection.add(listener);
  return listener;
}

export class Store {
  #events;
  #snapshot;
  // Those who look, and those of the connection alone.
  #lookers = new Set();
  #others = new Set();
  #asking = false;
  // Whether the run state may be another one than was said last.
  #stale = true;
  /** Asks the machine; a promise of what `query-status` returns. */
  ask;

  constructor(events, connection) {
    this.#events = events;
    this.change(connection);
  }

  get() {
    return this.#snapshot;
  }

  /** The connection is in this state now. Nobody is told before `tell` is called with what this gives. */
  change(connection) {
    if (connection.state !== "live") this.#stale = true;
    const runState = connection.state === "live" ? this.#snapshot?.runState : undefined;
    return (this.#snapshot = { ...connection, runState });
  }

  tell(snapshot) {
    this.#call([...this.#others, ...this.#lookers], snapshot);
    this.#look();
  }

  /** Calls `listener` now and after each change, until the function that it gives is called. */
  subscribe(listener) {
    const listeners = ofConnection.has(listener) ? this.#others : this.#lookers;
    // One of its own, so that the same function can listen twice.
    const own = (snapshot) => listener(snapshot);
    listeners.add(own);
    this.#call([own], this.#snapshot);
    if (listeners === this.#lookers) {
      this.#events.watch(EVENTS, () => this.#mayHaveChanged());
      this.#look();
    }
    return () => listeners.delete(own);
  }

  #mayHaveChanged() {
    this.#stale = true;
    // What nobody asks for again is not known any more.
    if (this.#lookers.size === 0) this.#setRunState(undefined);
    else this.#look();
  }

  // One question at a time, and one more if something happened meanwhile.
  async #look() {
    if (this.#asking || !this.#stale || this.#lookers.size === 0 || this.#snapshot.state !== "live") return;
    this.#asking = true;
    this.#stale = false;
    let runState;
    try {
      runState = (await this.ask()).status;
    } catch {
      // Who may not ask, or has lost the connection, does not know.
    }
    this.#asking = false;
    if (PASSING.has(runState)) setTimeout(() => this.#mayHaveChanged(), 1_000);
    if (this.#stale && this.#lookers.size > 0) this.#look();
    else this.#setRunState(this.#stale ? undefined : runState);
  }

  #setRunState(runState) {
    if (runState === this.#snapshot.runState) return;
    this.#snapshot = { ...this.#snapshot, runState };
    this.#call([...this.#lookers], this.#snapshot);
  }

  #call(listeners, snapshot) {
    for (const listener of listeners) {
      // An earlier one may have changed it again, and then that has been told.
      if (this.#snapshot !== snapshot) return;
      // Or ended this one.
      if (!this.#lookers.has(listener) && !this.#others.has(listener)) continue;
      try {
        listener(snapshot);
      } catch (thrown) {
        reportUncaught(thrown);
      }
    }
  }
}
