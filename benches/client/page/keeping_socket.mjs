// A WebSocket that can keep what comes in until it is asked for: the same events, from the same network, but the clients
// handle them when the clock runs and the network rests.

export class KeepingWebSocket extends WebSocket {
  /** The one that was made last. */
  static latest;

  #handler;
  #kept;
  #wanted;

  constructor(...args) {
    super(...args);
    KeepingWebSocket.latest = this;
    super.addEventListener("message", (event) => {
      if (!this.#kept) {
        this.release(event);
      } else if (this.#kept.push(event) === this.#wanted.count) {
        this.#wanted.resolve(this.#kept);
        this.#kept = undefined;
      }
    });
  }

  /** From now on keeps `count` events; resolves with them when they are there. */
  keep(count) {
    this.#kept = [];
    return new Promise((resolve) => (this.#wanted = { count, resolve }));
  }

  /** Gives an event to the client, as the browser would. */
  release(event) {
    this.#handler.call(this, event);
  }

  set onmessage(handler) {
    this.#handler = handler;
  }

  addEventListener(type, listener, options) {
    if (type === "message") this.onmessage = listener;
    else super.addEventListener(type, listener, options);
  }
}
