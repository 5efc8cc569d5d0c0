// A dashboard of one machine, as the browser runs it.

import { CommandError, connect } from "qmp-web";
import { token, url } from "../shared/place.js";

const at = (id) => document.getElementById(id);
const fail = (error) => (at("error").textContent = error?.message ?? "");

let vm;
start();

async function start() {
  at("again").hidden = true;
  fail();
  show({ state: "connecting" });
  try {
    // The first try is the only one; what ends later is made anew by itself.
    vm = await connect(url, { token });
  } catch (error) {
    show({ state: "closed", error });
    return;
  }
  const { major, minor, micro } = vm.version;
  at("title").textContent = `QEMU ${major}.${minor}.${micro}`;
  vm.subscribe(show);
  vm.on("*", list);
}

// How connection and machine are, at once and after each change.
function show({ state, runState = "unknown", error }) {
  fail(error);
  for (const [id, text] of Object.entries({ connection: state, machine: runState })) {
    at(id).value = text;
    at(id).dataset.state = text;
  }
  at("toggle").textContent = runState === "running" ? "Pause" : "Resume";
  at("toggle").disabled = state !== "live";
  at("again").hidden = state !== "closed" && state !== "reconnecting";
}

function list({ event, timestamp }) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date(timestamp.seconds * 1000).toLocaleTimeString();
  item.append(time, event);
  at("events").prepend(item);
  while (at("events").children.length > 50) at("events").lastChild.remove();
}

at("toggle").onclick = async () => {
  const [command, until] = vm.getSnapshot().runState === "running" ? ["stop", "STOP"] : ["cont", "RESUME"];
  await vm.execute(command, {}, { until, timeout: 5_000 }).then(() => fail(), fail);
};

at("again").onclick = () => (vm ? vm.reconnect() : start());

at("form").onsubmit = async (event) => {
  event.preventDefault();
  at("reply").textContent = "";
  try {
    const value = await vm.execute(at("command").value);
    // BigInts have no JSON of their own.
    at("reply").textContent = JSON.stringify(value, (_, value) => (typeof value === "bigint" ? String(value) : value), 2);
    fail();
  } catch (error) {
    fail(error instanceof CommandError ? { message: `${error.class}: ${error.desc}` } : error);
  }
};
