// What the client is to React: a connection while a component is there, a store of its state, and a list of events.

import { connect } from "qmp-web";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";

/** A machine: `vm` once it is connected, or `error` why not, and `start` to try it again. */
export function useMachine(url, token) {
  const [round, setRound] = useState(0);
  const [machine, setMachine] = useState({});
  useEffect(() => {
    let isHere = true;
    setMachine({});
    // The first try is the only one; what ends later is made anew by itself.
    const connecting = connect(url, { token });
    connecting.then(
      (vm) => isHere && setMachine({ vm }),
      (error) => isHere && setMachine({ error }),
    );
    return () => {
      isHere = false;
      connecting.then((vm) => vm.close(), () => {});
    };
  }, [url, token, round]);
  return { ...machine, start: () => setRound(round + 1) };
}

/** How connection and machine are: a snapshot is the same object until something changes. */
export function useSnapshot(vm) {
  const subscribe = useCallback((tell) => vm.subscribe(tell), [vm]);
  return useSyncExternalStore(subscribe, () => vm.getSnapshot());
}

/** The latest events, the newest first. */
export function useEvents(vm, count = 50) {
  const [events, setEvents] = useState([]);
  useEffect(() => vm.on("*", (event) => setEvents((events) => [event, ...events].slice(0, count))), [vm, count]);
  return events;
}
