// Starts the program of the page, or says why it does not run. The page has shown itself before this does anything.
// For the developer tools there is `vm`: the same machine by the JavaScript API.

function crashed(text) {
  document.getElementById("waiting").hidden = true;
  document.getElementById("crash-text").textContent = text;
  document.getElementById("crash").hidden = false;
}

// Errors of browser extensions come here too; those of the program are traps.
addEventListener("error", ({ error }) => {
  if (error instanceof WebAssembly.RuntimeError) crashed(`It met an error of its own: ${error.message}.`);
});

try {
  const { default: start } = await import("./console.js");
  await start();
  offerVm();
} catch (error) {
  // The program would have taken the token out of the address, where it is seen.
  history.replaceState(null, "", location.pathname);
  crashed(`Its program cannot be loaded: ${error.message}. It needs a browser with WebAssembly.`);
}

/** Whoever says `vm` first has it connect; from then on it is the promise, and where that fails, the next one tries again. */
function offerVm() {
  let connecting;
  const get = () => {
    connecting ??= connectVm();
    connecting.catch(() => (connecting = undefined));
    return connecting;
  };
  // A page that wants the name for itself may have it.
  const set = (value) => Object.defineProperty(globalThis, "vm", { value, writable: true });
  Object.defineProperty(globalThis, "vm", { configurable: true, get, set });
  console.info('`vm` is a promise of this machine: await (await vm).execute("query-status")');
}

async function connectVm() {
  // The program has put there which machine it shows, and the token where the tab keeps it.
  const meant = new URLSearchParams(location.hash.slice(1));
  if (meant.has("url")) {
    throw new Error("This page has the machine's only place: behind a bridge of bytes a monitor serves one client at a time.");
  }
  if (meant.has("record")) throw new Error("This is a record. There is no machine behind it.");
  if (!meant.has("vm")) throw new Error("Open a machine first.");
  const { connect } = await import("./client/index.js");
  const url = new URL(`vm/${encodeURIComponent(meant.get("vm"))}/qmp`, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  return connect(url, { token: () => sessionStorage.getItem("qmp-token") ?? undefined });
}
