// A browser's WebSocket, opened and followed. What is said over it, and how long to wait for that, is not known here.

/** Begins to open one, of this class or of the browser's. */
export function dial(url, token, Class = globalThis.WebSocket) {
  if (!Class) throw new TypeError("there is no WebSocket here, so the option WebSocket has to bring one");
  // `binary` goes first: websockify looks for it there, and takes none other. Our own bridge takes `qmp.v1`.
  const offered = ["binary", "qmp.v1"];
  // It goes as a subprotocol, which no log and no history keeps.
  if (token !== undefined) offered.push(`qmp.bearer.${base64url(token)}`);
  return quiet(new Class(url, offered));
}

/** The socket; of an error its end tells. In Node the package `ws` throws one that nobody listens to. */
export function quiet(socket) {
  socket.onerror ??= () => {};
  return socket;
}

// What has come over sockets of somebody else's.
const early = new WeakMap();

/** Keeps what comes over a WebSocket while there is nobody yet to take it; anything else keeps it by itself. */
export function keepEarly(socket) {
  if (typeof socket?.send !== "function") return;
  const kept = [];
  early.set(socket, kept);
  socket.binaryType = "arraybuffer";
  socket.onmessage = (message) => kept.push(message);
}

/** Gives what was kept to who takes messages from now on, before any that comes. */
export function giveEarly(socket, take) {
  const kept = early.get(socket);
  if (early.delete(socket)) queueMicrotask(() => kept.forEach((message) => take(message)));
}

/**
 * Calls `tell` with what becomes of a WebSocket, or of what behaves like one: that it is open, that time is up, or its close
 * code and reason. Time is up after `patience` milliseconds, and again after so many as `tell` gives, if any. Gives a function
 * that ends it all.
 */
export function follow(socket, patience, tell) {
  let timer;
  const wait = (milliseconds) => {
    clearTimeout(timer);
    // Browsers count in 31 bits and take what is longer for no time at all.
    if (milliseconds > 0) timer = setTimeout(told, Math.min(milliseconds, 2 ** 31 - 1), LATE, "");
  };
  const told = (what, reason) => wait(tell(what, reason));
  wait(patience);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => told(OPEN, "");
  // An error event says nothing, and a close event follows it.
  socket.onclose = ({ code, reason }) => told(code, reason);
  if (socket.readyState === IS_OPEN) told(OPEN, "");
  return () => {
    wait(0);
    socket.onopen = socket.onclose = null;
    socket.close();
  };
}

function base64url(token) {
  try {
    return btoa(token).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  } catch {
    throw new TypeError("a token is of ASCII characters");
  }
}

// As a WebSocket counts its states.
const IS_OPEN = 1;
// Smaller than any close code. The same as in web_socket.rs.
const [OPEN, LATE] = [1, 2];
