// What a real QEMU says: the texts that the benchmark is about, to the byte.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Asks a QEMU of its own, which then ends: a short, a middling and a long `return`, and two events. */
export async function askMachine(program) {
  const machine = ["-machine", "pc", "-accel", "tcg", "-m", "64", "-display", "none", "-nodefaults"];
  const qemu = spawn(program, [...machine, "-qmp", "stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const events = [];
  let waiting;
  createInterface(qemu.stdout).on("line", (line) => (line.startsWith(RETURN) ? waiting(line) : events.push(line)));
  const execute = (command) => {
    const reply = new Promise((resolve, reject) => {
      waiting = resolve;
      qemu.once("exit", (code) => reject(new Error(`QEMU ended (${code})`)));
    });
    qemu.stdin.write(JSON.stringify({ execute: command }));
    // Without an id there is nothing else in the reply.
    return reply.then((line) => line.slice(RETURN.length, -1));
  };
  try {
    await execute("qmp_capabilities");
    const status = await execute("query-status");
    const schema = await execute("query-qmp-schema");
    events.length = 0;
    await execute("stop");
    await execute("cont");
    return { returns: { "82 B": status, "4 KB": beginning(schema, 4096), "207 KB": schema }, events };
  } finally {
    const exit = once(qemu, "exit");
    qemu.kill("SIGKILL");
    await exit;
  }
}

/** As many entries of a list as fit into `size` characters, written as they were. */
function beginning(list, size) {
  for (let end = size; ; end--) {
    end = list.lastIndexOf("}", end - 1);
    const shorter = `${list.slice(0, end + 1)}]`;
    try {
      JSON.parse(shorter);
      return shorter;
    } catch {
      // That was the end of something inside an entry.
    }
  }
}

const RETURN = '{"return": ';
