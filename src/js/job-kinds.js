// What differs between what QMP lists as jobs and migration: by what it is started, looked at and told, how it ends, and
// which commands it takes. Its life is the same, see job.js.
//
// A kind has `id`, the `args` of its start, the `events` that tell of it, and `polls`, whether it has to be asked how it is.
// `hear(event)` is true if it may have ended; `query()` gives it as it is, if it is there; `isOurs(job)` tells whether what is
// there was started by us, if the reply to that was lost; `end(job)` tells how it has ended, if it has.

import { makeError } from "./error.js";

// In QEMU's words.
export const CANCELLED = { error: "Operation canceled" };
export const GONE = { error: "it is gone, and nobody saw how it ended" };

/** What `query-jobs` tells of: a block job or another. */
export class Listed {
  events = ["JOB_STATUS_CHANGE", "BLOCK_JOB_COMPLETED", "BLOCK_JOB_CANCELLED"];
  polls = false;
  #client;
  // What was said of the end of a block job, which may be gone when it is asked for.
  #told;

  constructor(client, args) {
    this.#client = client;
    this.id = args?.["job-id"] ?? `job-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`;
    this.args = { ...args, "job-id": this.id };
  }

  hear({ event, data }) {
    if (event === "JOB_STATUS_CHANGE") return data?.id === this.id && (data.status === "concluded" || data.status === "null");
    if (data?.device === this.id) this.#told = event === "BLOCK_JOB_COMPLETED" ? data : CANCELLED;
    return false;
  }

  async query() {
    const jobs = await this.#client.execute("query-jobs");
    return jobs.find(({ id }) => id === this.id);
  }

  isOurs(job) {
    return Boolean(job ?? this.#told);
  }

  async end(job) {
    if (!job) return this.#told ?? GONE;
    if (job.status !== "concluded") return undefined;
    // It stays until somebody has seen how it ended, or it has gone by itself.
    await this.#order("job-dismiss").catch(() => {});
    return job;
  }

  cancel({ force = true } = {}) {
    // Only block jobs end otherwise: a mirror that is ready then keeps its copy.
    return force ? this.#order("job-cancel") : this.#client.execute("block-job-cancel", { device: this.id });
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
}

/** The migration: a machine has one at a time, without an id. */
export class Migration {
  id = "migrate";
  events = ["MIGRATION"];
  // Only a machine that has the capability `events` tells how it goes.
  polls = true;
  #client;
  #over = false;

  constructor(client, args) {
    this.#client = client;
    this.args = args;
  }

  hear() {
    this.polls = false;
    return true;
  }

  async query() {
    const migration = await this.#client.execute("query-migrate");
    const { status, "error-desc": error, ram, disk } = migration;
    if (status === undefined || status === "none") return undefined;
    const sum = (count) => [ram, disk].filter(Boolean).map(count).reduce((sum, bytes) => sum + bytes);
    const progress = ram && {
      "current-progress": sum(({ total, remaining }) => total - remaining),
      "total-progress": sum(({ total }) => total),
    };
    // What an earlier one failed of may still be told.
    return { id: this.id, type: "migrate", status, ...progress, ...(status === "failed" && { error }), migration };
  }

  isOurs(job) {
    // One that has ended may be an earlier one, unless it was heard of since.
    return Boolean(job) && (!this.polls || !ENDED.has(job.status));
  }

  end(job) {
    this.#over = !job || ENDED.has(job.status);
    if (!this.#over) return undefined;
    if (!job) return GONE;
    if (job.status === "cancelled") return CANCELLED;
    return job.status === "failed" ? { error: job.error ?? "the migration has failed" } : job;
  }

  cancel({ force = true } = {}) {
    return force ? this.#order("migrate_cancel") : none("no other way to be cancelled");
  }

  async complete() {
    const { status } = (await this.query()) ?? {};
    if (status === "pre-switchover") return this.#order("migrate-continue", { state: status });
    return this.#order("migrate-start-postcopy");
  }

  finalize() {
    return none("nothing to finalize");
  }

  pause() {
    // What it waits for may be the network, and then the machine hears only this.
    const oob = this.#client.capabilities.includes("oob");
    return this.#order("migrate-pause", undefined, { oob });
  }

  resume(args) {
    return this.#order("migrate", { ...this.args, ...args, resume: true });
  }

  // Another one may have been started since, by anybody, which this is not meant for.
  #order(command, args, options) {
    return this.#over ? none("ended") : this.#client.execute(command, args, options);
  }
}

function none(what) {
  return Promise.reject(makeError("state", `a migration: it has ${what}`, {}));
}

const ENDED = new Set(["cancelled", "completed", "failed"]);
