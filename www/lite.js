// The whole API of the client, one part after the other. docs/js-api.md says the rest of each.

import { CommandError, QmpError, Trace, connect } from "./client/index.js";

const at = (id) => document.getElementById(id);
const on = (id, event, listener) => at(id).addEventListener(event, listener);
const entry = (list, text) => {
  const item = document.createElement("li");
  item.textContent = text;
  at(list).prepend(item);
};
// BigInts have no JSON of their own.
const shown = (value) => JSON.stringify(value, (_, value) => (typeof value === "bigint" ? `${value}n` : value), 2);

// Connecting, which loads the module: nothing happens before. `url` and `token` may be functions; they are asked before each try.
const fragment = new URLSearchParams(location.hash.slice(1));
// A token is kept by the tab, and not in the address, where it is seen. Who has none is asked for one.
const token = fragment.get("token") ?? sessionStorage.getItem("qmp-token") ?? (await ask());
sessionStorage.setItem("qmp-token", token);
if (fragment.has("token")) {
  fragment.delete("token");
  history.replaceState(null, "", `#${fragment}`);
}
const url = new URL(`vm/${fragment.get("vm") ?? "demo"}/qmp`, location.href);
url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
url.hash = "";
const trace = new Trace("verbose");
const connecting = connect(url, {
  token: () => token,
  reconnect: { base: 250, max: 30_000, tries: 30 },
  liveness: { silence: 15_000 },
  bigint: "auto",
  trace,
  onDiagnostic: (diagnostic) => entry("diagnostics", shown(diagnostic)),
  onUnhandledEvent: ({ event }) => entry("diagnostics", `nobody listens for ${event}`),
});
const vm = await connecting.catch((error) => {
  at("state").textContent = error.message;
  // Of a wrong one a reload does not try again.
  if (/\(401\)/.test(error.message)) sessionStorage.removeItem("qmp-token");
  throw error;
});

function ask() {
  at("state").textContent = "a token is needed";
  at("ask").hidden = false;
  return new Promise((resolve) =>
    on("ask", "submit", (event) => {
      event.preventDefault();
      at("ask").hidden = true;
      resolve(at("token").value);
    }),
  );
}

// For the developer tools.
globalThis.vm = vm;

// Properties.
const { major, minor, micro } = vm.version;
at("machine").textContent = `QEMU ${major}.${minor}.${micro}, ${vm.capabilities.join(" and ") || "in order"}`;

// The state of connection and machine, now and after each change.
vm.subscribe(({ state, runState, attempt, error }) => {
  const tries = attempt === undefined ? "" : `, try ${attempt}`;
  at("state").textContent = [`${state}${tries}`, runState, error?.message].filter(Boolean).join(": ");
});
on("reconnect", "click", () => vm.reconnect());
on("close", "click", () => vm.close());
vm.closed.then(({ code, reason }) => entry("diagnostics", `closed: ${code} ${reason}`));

// Commands. Errors say what kind they are.
let waiting = new AbortController();
on("command", "submit", async (event) => {
  event.preventDefault();
  waiting = new AbortController();
  try {
    const args = JSON.parse(at("arguments").value);
    const options = { oob: at("oob").checked, signal: waiting.signal, timeout: 60_000 };
    at("reply").textContent = shown(await vm.execute(at("name").value, args, options));
  } catch (error) {
    if (error instanceof CommandError) at("reply").textContent = `${error.class}: ${error.desc}`;
    else if (error instanceof QmpError) at("reply").textContent = `${error.kind}, ${error.outcome}: ${error.message}`;
    else at("reply").textContent = error.message;
  }
});
on("abort", "click", () => waiting.abort());

// A command and the event that belongs to it. The event is listened for before the command is sent.
on("toggle", "click", async () => {
  const { runState } = vm.getSnapshot();
  const [command, until] = runState === "running" ? ["stop", "STOP"] : ["cont", "RESUME"];
  try {
    const { event } = await vm.execute(command, {}, { until });
    at("reply").textContent = `${command}: ${event.event}`;
  } catch (error) {
    at("reply").textContent = error.message;
  }
});

// What the machine says of its commands.
vm.schema().then(
  (schema) => {
    at("names").replaceChildren(...schema.commands.map((name) => new Option(name)));
    const tell = () => {
      const members = schema.describe(at("name").value)?.members ?? [];
      at("shape").textContent = members.map(({ name, type, required }) => `${name}${required ? "" : "?"}: ${type}`).join(", ");
    };
    on("name", "input", tell);
    on("arguments", "change", () => {
      let problem;
      try {
        problem = schema.check(at("name").value, JSON.parse(at("arguments").value))[0]?.message;
      } catch ({ message }) {
        problem = message;
      }
      at("arguments").setCustomValidity(problem ?? "");
    });
    tell();
  },
  ({ message }) => entry("diagnostics", `no schema: ${message}`),
);

// Jobs: progress, and an end to wait for.
let job;
on("copy", "click", async () => {
  try {
    for (const name of ["lite-from", "lite-to"]) {
      const disk = { driver: "null-co", "node-name": name, size: 2 ** 28, "read-zeroes": true };
      // It stays for the next copy.
      await vm.execute("blockdev-add", disk).catch((error) => error.desc?.includes("lite-") || Promise.reject(error));
    }
    job = vm.job("blockdev-mirror", { device: "lite-from", target: "lite-to", sync: "full", speed: 2 ** 26 });
    for await (const { status, "current-progress": done, "total-progress": all } of job.progress()) {
      at("job").textContent = status;
      at("progress").value = all ? done / all : 0;
      if (status === "ready") await job.complete();
    }
    const { status } = await job;
    at("job").textContent = `done: ${status}`;
  } catch (error) {
    at("job").textContent = error.message;
  }
});
on("cancel", "click", () => job?.cancel().catch((error) => (at("job").textContent = error.message)));

// Both directions, without secrets, as NDJSON.
on("trace", "click", () => {
  URL.revokeObjectURL(at("trace").href);
  at("trace").href = URL.createObjectURL(new Blob([vm.trace.toNDJSON()], { type: "application/x-ndjson" }));
});

// One event to come, each of a name, and all of them as they come.
vm.once("SHUTDOWN").then(
  ({ data }) => entry("diagnostics", `shut down: ${data.reason}`),
  () => {},
);
vm.on(["STOP", "RESUME"], ({ event }) => (document.title = `QMP lite: ${event}`));
for await (const { event, data } of vm.events("*", { capacity: 100 })) entry("events", `${event} ${shown(data ?? {})}`);
