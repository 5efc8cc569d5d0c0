// The life of a job of the machine, as one thing to wait for, look at and end: how it is started, looked at, followed over
// a lost connection and ends. What differs between jobs and migration is in job-kinds.js, what a job does is not known here.

import { makeError } from "./error.js";
import { LONGEST } from "./events.js";
import { CANCELLED, GONE, Listed, Migration } from "./job-kinds.js";
import { stringify } from "./json.js";
import { connectionOnly } from "./store.js";

const POLL = 500;

/** What a command starts that goes on after its reply. It can be awaited: for the job as it was at its end. */
export class Job {
  #client;
  #command;
  #kind;
  #offs = [];
  #outcome;
  #settle;
  #starting;
  #started = false;
  #closed = false;
  #ended = false;
  // Why nobody knows whether the job was started.
  #uncertain;
  // As it was when it was last seen.
  #seen;
  #looking;
  #lookAgain = false;
  #timer;

  constructor(client, command, args, options) {
    const { signal, timeout, ...unknown } = options ?? {};
    for (const name in unknown) throw new TypeError(`there is no option ${name}, only signal, timeout`);
    this.#client = client;
    this.#command = command;
    this.#kind = command === "migrate" ? new Migration(client, args) : new Listed(client, args);
    this.id = this.#kind.id;
    this.#outcome = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // Who only looks at the progress need not take the outcome.
    this.#outcome.catch(() => {});
    this.#starting = this.#start({ signal, timeout }).catch((error) => this.#end(error));
  }

  then(fulfilled, rejected) {
    return this.#outcome.then(fulfilled, rejected);
  }

  /** The job as it is, whenever that has changed, until its end. To leave the loop does not end the job. */
  async *progress({ interval = POLL } = {}) {
    if (!(interval > 0)) throw new TypeError("interval must be a positive number of milliseconds");
    await this.#starting;
    for (let last; ; ) {
      await this.#look();
      const now = this.#seen && stringify(this.#seen);
      if (now !== last) yield this.#seen;
      if (this.#ended && now === last) return;
      last = now;
      await Promise.race([this.#outcome.catch(() => {}), new Promise((resolve) => setTimeout(resolve, Math.min(interval, LONGEST)))]);
    }
  }

  async cancel(options) {
    await this.#kind.cancel(options);
  }

  async complete() {
    await this.#kind.complete();
  }

  async finalize() {
    await this.#kind.finalize();
  }

  async pause() {
    await this.#kind.pause();
  }

  async resume(args) {
    await this.#kind.resume(args);
  }

  async #start(options) {
    const [client, kind] = [this.#client, this.#kind];
    this.#offs.push(
      client.on(kind.events, (event) => {
        if (kind.hear(event)) this.#look();
      }),
      // What happened meanwhile is asked for; what is closed is not waited for.
      client.subscribe(connectionOnly(({ state, error }) => {
        if (state === "live") this.#look();
        this.#closed = state === "closed";
        // Of a command that has no outcome yet, its own says more.
        if (this.#closed && this.#started) {
          this.#end(makeError("connection-lost", "the connection has ended, and the job may go on", { outcome: "unknown", cause: error }));
        }
      })),
    );
    try {
      await client.execute(this.#command, kind.args, options);
    } catch (error) {
      // It may have been started all the same; once connected again, that can be seen.
      if (error.outcome !== "unknown" || this.#closed) return this.#end(error);
      this.#uncertain = error;
    }
    this.#started = true;
    if (!this.#closed && client.state === "live") this.#look();
  }

  // Looks how it is; one look at a time, and one more if something happened meanwhile.
  #look() {
    this.#lookAgain = true;
    if (this.#started && !this.#ended) this.#looking ??= this.#lookNow();
    return this.#looking;
  }

  async #lookNow() {
    clearTimeout(this.#timer);
    let again = false;
    try {
      while (this.#lookAgain && !this.#ended) {
        this.#lookAgain = false;
        await this.#judge(await this.#kind.query());
        again = this.#kind.polls;
      }
    } catch (error) {
      // A connection that is lost comes back, or is closed, which is told. Who is busy is asked again.
      again = error.kind === "timeout";
      if (!again && error.kind !== "connection-lost") this.#end(error);
    }
    this.#looking = undefined;
    if (again && !this.#ended) this.#timer = setTimeout(() => this.#look(), POLL);
  }

  async #judge(job) {
    if (this.#uncertain && !this.#kind.isOurs(job)) return this.#end(this.#uncertain);
    this.#uncertain = undefined;
    this.#seen = job ?? this.#seen;
    const how = await this.#kind.end(job);
    if (!how) return;
    const { error: desc } = how;
    if (desc === undefined) return this.#end(undefined, job ?? { id: this.id, status: "null" });
    const reason = how === GONE ? "unknown" : desc === CANCELLED.error ? "cancelled" : "failed";
    this.#end(makeError("job", `${this.#command}: ${desc}`, { command: this.#command, id: this.id, desc, reason }));
  }

  #end(error, job) {
    if (this.#ended) return;
    this.#ended = true;
    for (const off of this.#offs.splice(0)) off();
    if (error) this.#settle.reject(error);
    else this.#settle.resolve(job);
  }
}
