// What a machine says of its commands, for JavaScript; and the one of the machine of the moment, once it is known. What reads
// it is a WebAssembly module of its own, loaded when it is first needed.

import load, { Machine } from "../../../../qmp_web_schema.js";
import { makeError, messageOf } from "./error.js";
import { stringify } from "./json.js";

let find;

/** `finder` gives what the module is loaded from where nobody brings it. */
export function findSchemaBy(finder) {
  find = finder;
}

/** Loads the module that reads schemas. Only needed to bring it, or to have it early. */
export async function initSchema(input) {
  try {
    await load({ module_or_path: await (input ?? find()) });
  } catch (cause) {
    // It is tried anew the next time.
    throw makeError("load", `cannot load what reads schemas: ${messageOf(cause)}`, { cause });
  }
}

/** What a machine says of its commands and events. */
export class Schema {
  #machine;

  constructor(machine) {
    this.#machine = machine;
  }

  get commands() {
    return JSON.parse(this.#machine.commands()).sort();
  }

  get events() {
    return JSON.parse(this.#machine.events()).sort();
  }

  describe(name) {
    return JSON.parse(this.#machine.describe(name)) ?? undefined;
  }

  complete(place) {
    const { command = "", args, path, ...unknown } = place ?? {};
    const isStep = (step) => typeof step === "string" || typeof step === "number";
    for (const name in unknown) throw new TypeError(`there is no option ${name}, only args, command, path`);
    if (typeof place !== "object" || typeof command !== "string") throw new TypeError("a place has a command, which must be a string");
    if (path !== undefined && !(Array.isArray(path) && path.every(isStep))) throw new TypeError("path must be an array of names and places");
    return JSON.parse(this.#machine.complete(command, text(args), path && stringify(path)));
  }

  check(command, args) {
    try {
      return JSON.parse(this.#machine.check(command, text(args)));
    } catch (thrown) {
      throw typeof thrown === "string" ? new TypeError(thrown) : thrown;
    }
  }

  free() {
    // Others may have the same.
    this.#machine = undefined;
  }
}

if (Symbol.dispose) Schema.prototype[Symbol.dispose] = Schema.prototype.free;

/** What the machine of the moment has said. */
export class Schemas {
  #diagnose;
  #known;
  // The reply, while it is waited for.
  #asked;

  /** Asks the machine; a promise of what `query-qmp-schema` returns. */
  ask;

  /** `diagnose` is told when nothing is checked. */
  constructor(diagnose) {
    this.#diagnose = diagnose;
  }

  /** What the machine says; it is asked unless it has answered already. */
  async get() {
    if (!this.#known) {
      const asked = (this.#asked ??= this.#ask());
      try {
        const machine = await asked;
        // The machine may be another now.
        if (this.#asked === asked) this.#known = machine;
        else return new Schema(machine);
      } finally {
        if (this.#asked === asked) this.#asked = undefined;
      }
    }
    return new Schema(this.#known);
  }

  /** Asks the machine so that `check` knows; tells if that came to nothing. */
  async load() {
    try {
      await this.get();
    } catch (error) {
      this.#diagnose({ kind: "unchecked", error });
    }
  }

  /** The machine may be another now. */
  forget() {
    this.#known = this.#asked = undefined;
  }

  /** Throws if the machine would refuse it, as far as that is known. */
  check(command, args) {
    let problems = [];
    try {
      if (this.#known) problems = JSON.parse(this.#known.check(command, args));
    } catch {
      // What is no JSON is refused by who writes it anew.
    }
    if (problems.length === 0) return;
    const [{ path, message }] = problems;
    throw makeError("arguments", `${command}${path && ": "}${path}: ${message}`, { command, problems });
  }

  async #ask() {
    const [reply] = await Promise.all([this.ask(), initSchema()]);
    try {
      // What is too deep for a text is none either.
      return new Machine(stringify(reply) ?? "");
    } catch (thrown) {
      throw makeError("protocol", `query-qmp-schema: ${messageOf(thrown)}`, {});
    }
  }
}

function text(args) {
  return args === undefined || args === null ? undefined : stringify(args);
}
