// What the browser knows of the network and of who looks. In a worker nobody looks; elsewhere there may be neither.

/** Calls `tell` with what changes, until the function that it gives is called. */
export function watch(tell) {
  const online = () => tell(globalThis.navigator?.onLine === false ? OFFLINE : ONLINE);
  const visible = () => {
    if (document.hidden) return;
    // What came of the network while nobody looked may not have been told.
    online();
    tell(VISIBLE);
  };
  const listening = [
    [globalThis, "offline", () => tell(OFFLINE)],
    [globalThis, "online", () => tell(ONLINE)],
    [globalThis.document, "visibilitychange", visible],
  ].filter(([target]) => target?.addEventListener);
  for (const [target, name, listener] of listening) target.addEventListener(name, listener);
  return () => {
    for (const [target, name, listener] of listening) target.removeEventListener(name, listener);
  };
}

// The same as in environment.rs.
const [OFFLINE, ONLINE, VISIBLE] = [0, 1, 2];
