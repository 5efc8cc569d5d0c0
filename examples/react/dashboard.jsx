// A machine that was connected to: its state, a command line, its events.

import { CommandError } from "qmp-web";
import { useState } from "react";
import { useEvents, useSnapshot } from "./machine.js";

export function Dashboard({ vm }) {
  const { state, runState = "unknown", error } = useSnapshot(vm);
  const events = useEvents(vm);
  const [refused, setRefused] = useState();
  const [reply, setReply] = useState("");
  const { major, minor, micro } = vm.version;
  const message = error?.message ?? refused;

  const execute = async (command, options) => {
    setReply("");
    setRefused();
    try {
      return await vm.execute(command, {}, options);
    } catch (error) {
      setRefused(error instanceof CommandError ? `${error.class}: ${error.desc}` : error.message);
    }
  };
  const toggle = () => (runState === "running" ? execute("stop", { until: "STOP" }) : execute("cont", { until: "RESUME" }));
  const submit = async (event) => {
    event.preventDefault();
    const value = await execute(new FormData(event.currentTarget).get("command"));
    // BigInts have no JSON of their own.
    setReply(value === undefined ? "" : JSON.stringify(value, (_, value) => (typeof value === "bigint" ? String(value) : value), 2));
  };

  return (
    <>
      <h1>
        QEMU {major}.{minor}.{micro}
      </h1>
      {message && <section role="alert">{message}</section>}
      <section className="row">
        <span>
          Connection <output aria-label="Connection" data-state={state}>{state}</output>
        </span>
        <span>
          Machine <output aria-label="Machine" data-state={runState}>{runState}</output>
        </span>
        <button onClick={toggle} disabled={state !== "live"}>
          {runState === "running" ? "Pause" : "Resume"}
        </button>
        {(state === "closed" || state === "reconnecting") && <button onClick={() => vm.reconnect()}>Connect again</button>}
      </section>
      <section>
        <h2>Command</h2>
        <form onSubmit={submit}>
          <input name="command" aria-label="Command" defaultValue="query-version" spellCheck="false" autoComplete="off" />
          <button>Execute</button>
        </form>
        <pre aria-label="Reply">{reply}</pre>
      </section>
      <section>
        <h2>Events</h2>
        <ol aria-label="Events">
          {events.map(({ event, timestamp }, i) => (
            <li key={events.length - i}>
              <time>{new Date(timestamp.seconds * 1000).toLocaleTimeString()}</time>
              {event}
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}
