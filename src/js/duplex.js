// Any pipe of bytes, made to look like a WebSocket: what carries bytes elsewhere in the browser, or what a program of the
// page's own makes.

import { quiet } from "./web_socket.js";

/** A WebSocket as it is, whoever has made it, a pair of streams as one, and `undefined` for anything else. */
export function asSocket(pipe) {
  if (typeof pipe?.send === "function" && typeof pipe.close === "function") return quiet(pipe);
  if (pipe?.readable instanceof ReadableStream && pipe.writable instanceof WritableStream) return new DuplexSocket(pipe);
  return undefined;
}

class DuplexSocket {
  readyState = OPEN;
  protocol = "binary";
  onopen = null;
  onclose = null;
  #listener = null;
  #closing = false;
  #written = Promise.resolve();
  #reader;
  #writer;

  constructor({ readable, writable }) {
    this.#writer = writable.getWriter();
    try {
      this.#reader = readable.getReader();
    } catch (error) {
      this.#writer.releaseLock();
      throw error;
    }
  }

  set onmessage(listener) {
    const begins = !this.#listener;
    this.#listener = listener;
    // Not before somebody listens.
    if (begins && listener) queueMicrotask(() => this.#read());
  }

  send(bytes) {
    // If it fails, so does the reading.
    this.#written = this.#writer.write(bytes).catch((error) => this.#end(error));
  }

  close() {
    if (this.#closing) return;
    this.#closing = true;
    // What was sent is still written. Of Node's sockets the one half does not close before the other.
    this.#written.then(() => [this.#writer.close(), this.#reader.cancel()].forEach((done) => done.catch(() => {})));
    this.#end();
  }

  async #read() {
    try {
      for (;;) {
        const { value, done } = await this.#reader.read();
        if (done) return this.#end();
        const { buffer, byteOffset, byteLength } = value;
        const whole = byteOffset === 0 && byteLength === buffer.byteLength;
        this.#listener?.({ data: whole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength) });
      }
    } catch (error) {
      this.#end(error);
    }
  }

  #end(error) {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.onclose?.({ code: error ? 1006 : 1005, reason: error ? String(error) : "" });
  }
}

// As a WebSocket counts them.
const [OPEN, CLOSED] = [1, 3];
