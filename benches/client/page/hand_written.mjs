// The client that a careful web developer writes by hand: what ours must not be slower than.

/** A connection to one machine. */
export class HandWritten {
  #socket;
  #tag = crypto.randomUUID().slice(0, 8);
  #sent = 0;
  #waiting = new Map();
  #listeners = new Map();
  #encoder = new TextEncoder();
  #decoder = new TextDecoder();

  /** Resolves when commands can be executed. */
  static async connect(url, subprotocol) {
    const client = new HandWritten(new WebSocket(url, subprotocol));
    await client.#greeted;
    await client.execute("qmp_capabilities");
    return client;
  }

  #greeted = new Promise((resolve) => this.#waiting.set("greeting", { resolve }));

  constructor(socket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#lost(code);
  }

  execute(command, args) {
    return new Promise((resolve, reject) => {
      // Ours looks like this too: on a monitor that others used before, a number alone may be the id of one of theirs.
      const id = `${this.#tag}-${this.#sent++}`;
      this.#waiting.set(id, { resolve, reject });
      this.#send(JSON.stringify({ execute: command, arguments: args, id }));
    });
  }

  on(event, listener) {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  #send(text) {
    this.#socket.send(this.#socket.protocol === "binary" ? this.#encoder.encode(`${text}\n`) : text);
  }

  #receive(data) {
    const message = JSON.parse(typeof data === "string" ? data : this.#decoder.decode(data));
    if (message.event !== undefined) {
      this.#listeners.get(message.event)?.forEach((listener) => listener(message));
      return;
    }
    const id = message.QMP ? "greeting" : message.id;
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    if (message.error) waiting.reject(new Error(message.error.desc));
    else waiting.resolve(message.return);
  }

  #lost(code) {
    for (const { reject } of this.#waiting.values()) reject?.(new Error(`connection lost (${code})`));
    this.#waiting.clear();
  }
}
