// A job of the machine as one thing to wait for, look at and end. What a job does is not known here.

import { makeError } from "./error.js";
import { connectionOnly } from "./store.js";

const POLL = 500;
// In QEMU's words for other jobs.
const CANCELLED = "Operation canceled";

/** What a command starts that goes on after its reply. It can be awaited: for the job as it was at its end. */
export class Job {
  #client;
  #command;
  #offs = [];
  #outcome;
  #settle;
  #started = false;
  #closed = false;
  #ended = false;
  // Why nobody knows whether the job was started.
  #uncertain;
  // What was said of the end of a block job, which may be gone when it is asked for.
  #completed;
  #looking;
  #lookAgain = false;

  constructor(client, command, args = {}, { signal, timeout } = {}) {
    this.#client = client;
    this.#command = command;
    this.id = args?.["job-id"] ?? `job-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`;
    this.#outcome = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // Who only looks at the progress need not take the outcome.
    this.#outcome.catch(() => {});
    this.#start({ ...args, "job-id": this.id }, { signal, timeout }).catch((error) => this.#end(error));
  }

  then(fulfilled, rejected) {
    return this.#outcome.then(fulfilled, rejected);
  }

  /** The job as it is, whenever that has changed, until its end. To leave the loop does not end the job. */
  async *progress({ interval = POLL } = {}) {
    let last;
    while (!this.#ended) {
      const job = await this.#query().catch(() => undefined);
      const now = JSON.stringify(job);
      if (job && now !== last) yield job;
      last = now;
      await Promise.race([this.#outcome.catch(() => {}), new Promise((resolve) => setTimeout(resolve, interval))]);
    }
  }

  cancel() {
    return this.#order("job-cancel");
  }

  complete() {
    return this.#order("job-complete");
  }

  finalize() {
    return this.#order("job-finalize");
  }

  pause() {
    return this.#order("job-pause");
  }

  resume() {
    return this.#order("job-resume");
  }

  #order(command) {
    return this.#client.execute(command, { id: this.id });
  }

  async #query() {
    const jobs = await this.#client.execute("query-jobs");
    return jobs.find(({ id }) => id === this.id);
  }

  async #start(args, options) {
    const client = this.#client;
    this.#offs.push(
      client.on("JOB_STATUS_CHANGE", ({ data }) => {
        if (data.id === this.id && (data.status === "concluded" || data.status === "null")) this.#look();
      }),
      client.on(["BLOCK_JOB_COMPLETED", "BLOCK_JOB_CANCELLED"], ({ event, data }) => {
        if (data.device !== this.id) return;
        this.#completed = event === "BLOCK_JOB_COMPLETED" ? data : { error: CANCELLED };
      }),
      // What happened meanwhile is asked for; what is closed is not waited for.
      client.subscribe(connectionOnly(({ state, error }) => {
        if (state === "live" && this.#started) this.#look();
        this.#closed = state === "closed";
        // Of a command that has no outcome yet, its own says more.
        if (this.#closed && this.#started) {
          this.#end(makeError("connection-lost", "the connection has ended, and the job may go on", { outcome: "unknown", cause: error }));
        }
      })),
    );
    try {
      await client.execute(this.#command, args, options);
    } catch (error) {
      // It may have been started all the same; once connected again, that can be seen.
      if (error.outcome !== "unknown" || this.#closed) return this.#end(error);
      this.#uncertain = error;
    }
    this.#started = true;
    if (!this.#closed && client.state === "live") this.#look();
  }

  // Looks whether it has ended; one look at a time, and one more if something happened meanwhile.
  async #look() {
    this.#lookAgain = true;
    if (this.#looking || !this.#started) return;
    this.#looking = true;
    try {
      while (this.#lookAgain && !this.#ended) {
        this.#lookAgain = false;
        await this.#judge(await this.#query());
      }
    } catch (error) {
      // A connection that is lost comes back, or is closed, which is told. Who is busy is asked again.
      if (error.kind === "timeout") setTimeout(() => this.#look(), POLL);
      else if (error.kind !== "connection-lost") this.#end(error);
    } finally {
      this.#looking = false;
    }
  }

  async #judge(job) {
    if (job && job.status !== "concluded") {
      this.#uncertain = undefined;
      return;
    }
    if (!job && this.#uncertain) return this.#end(this.#uncertain);
    // It stays until somebody has seen how it ended, or it has gone by itself.
    if (job) await this.#order("job-dismiss").catch(() => {});
    const how = job ?? this.#completed ?? { error: "it is gone, and nobody saw how it ended" };
    if (how.error === undefined) return this.#end(undefined, job ?? { id: this.id, status: "null" });
    const desc = how.error;
    this.#end(makeError("job", `${this.#command}: ${desc}`, { command: this.#command, id: this.id, desc }));
  }

  #end(error, job) {
    if (this.#ended) return;
    this.#ended = true;
    for (const off of this.#offs.splice(0)) off();
    if (error) this.#settle.reject(error);
    else this.#settle.resolve(job);
  }
}
