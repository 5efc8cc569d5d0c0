// The pipes to a server in memory: what looks like a WebSocket, and a pair of byte streams.

/** A pipe that looks like a WebSocket. It keeps what comes until somebody listens, and calls nobody who is just calling it. */
export class Socket {
  binaryType = "arraybuffer";
  protocol = "binary";
  readyState = CONNECTING;
  onerror = null;
  onopen = null;
  #link;
  #onmessage = null;
  #onclose = null;
  #waiting = [];
  #isTelling = false;

  get onmessage() {
    return this.#onmessage;
  }

  set onmessage(listener) {
    this.#onmessage = listener;
    this.#tell();
  }

  get onclose() {
    return this.#onclose;
  }

  set onclose(listener) {
    this.#onclose = listener;
    this.#tell();
  }

  send(data) {
    if (this.readyState === OPEN) this.#link.receive(typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data));
  }

  close(code = 1005, reason = "") {
    if (this.readyState >= CLOSING) return;
    this.readyState = CLOSING;
    this.#link?.gone();
    this.#waiting = [];
    this.end(code, reason);
  }

  begin(link) {
    this.#link = link;
    this.#later(() => {
      this.readyState = OPEN;
      this.onopen?.({});
      return true;
    });
  }

  take(bytes) {
    this.#later(() => {
      if (!this.#onmessage) return false;
      this.#onmessage({ data: bytes.buffer });
      return true;
    });
  }

  end(code, reason) {
    this.#later(() => {
      if (!this.#onclose) return false;
      this.readyState = CLOSED;
      this.#onclose({ code, reason, wasClean: code !== 1006 });
      return true;
    });
  }

  #later(tell) {
    this.#waiting.push(tell);
    this.#tell();
  }

  // One after the other, as far as somebody listens. Whoever awaits what one of them brings goes on before the next comes, as
  // over a network.
  async #tell() {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let isHeard = true; isHeard; ) {
        for (let turn = 0; turn < TURNS; turn++) await undefined;
        const tell = this.#waiting.shift();
        if (!tell) return;
        isHeard = tell();
        if (!isHeard) this.#waiting.unshift(tell);
      }
    } finally {
      this.#isTelling = false;
    }
  }
}

/** A pair of byte streams. */
export class Duplex {
  begin(link) {
    this.readable = new ReadableStream({ start: (out) => (this.out = out), cancel: () => link.gone() });
    const write = (bytes) => link.receive(bytes);
    this.writable = new WritableStream({ start: (into) => (this.into = into), write, close: () => link.end(), abort: () => link.gone() });
  }

  take(bytes) {
    this.out.enqueue(bytes);
  }

  end(code) {
    if (code !== 1006) return this.out.close();
    const error = new Error("connection reset");
    this.out.error(error);
    this.into.error(error);
  }
}

// Of the queue of microtasks: more than promises that are passed on need.
const TURNS = 20;
// As a WebSocket counts them.
const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3];
