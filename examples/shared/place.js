// Where the machine is. The address of the page says it: #url=ws://127.0.0.1:8090/vm/web1/qmp&token=TOKEN

const given = new URLSearchParams(location.hash.slice(1));
// A token is kept by the tab, and not in the address, where it is seen.
if (given.has("token")) {
  sessionStorage.setItem("qmp-token", given.get("token"));
  given.delete("token");
  history.replaceState(null, "", `#${given}`);
}

export const url = given.get("url") ?? "ws://127.0.0.1:8090/vm/demo/qmp";

/** It is asked for before each try. */
export function token() {
  return sessionStorage.getItem("qmp-token") ?? undefined;
}
