// Where to connect to and what to show there, asked for anew before each try; and why a try came to nothing, as far as the
// bridge says over HTTP: of a WebSocket a browser does not tell.

import { asSocket } from "./duplex.js";
import { messageOf } from "./error.js";
import { dial } from "./web_socket.js";

// Milliseconds for a page's own functions, which may ask a person, and for the bridge to say why.
const PATIENCE = 30_000;
const TO_EXPLAIN = 5_000;
// What another try would end with too, by the status of an HTTP answer.
const REFUSED = { 401: "the token is not valid (401)", 403: "this page may not connect (403)" };

export class Source {
  #url;
  #token;
  #trace;
  #class;

  /** `url` and `token` are values, or functions that give one or a promise of one; `WebSocket` is a class, if not the usual. */
  constructor(url, token, trace, WebSocket) {
    this.#token = typeof token === "function" ? token : checkToken(token);
    this.#url = typeof url === "function" ? url : placeOf(url);
    this.#trace = trace;
    this.#class = WebSocket;
  }

  /** Whether it is a pipe, which nobody knows how to make anew. */
  get isPipe() {
    return typeof this.#url === "object";
  }

  /** Calls `tell` with a `Try`, or with nothing, what was to be tried and why it is not. */
  ask(tell) {
    const begun = new Try();
    const late = new Promise((_, reject) => (begun.timer = setTimeout(reject, PATIENCE, new Error("no url and token in time"))));
    Promise.race([this.#begin(begun), late])
      .finally(() => clearTimeout(begun.timer))
      .then(
        () => tell(begun),
        (thrown) => tell(undefined, begun.url ?? (typeof this.#url === "string" ? this.#url : "what url() gives"), messageOf(thrown)),
      );
  }

  async #begin(begun) {
    // A pipe comes last: what it greets with should find somebody, and nobody else would close it.
    const token = typeof this.#token === "function" ? checkToken(await this.#token()) : this.#token;
    const place = typeof this.#url === "function" ? placeOf(await this.#url()) : this.#url;
    if (typeof place !== "string") {
      begun.socket = place;
      return;
    }
    begun.token = token;
    begun.url = place;
    this.#trace.attempt(place);
    begun.socket = dial(place, token, this.#class);
  }
}

/** A WebSocket that is being opened, or another pipe. */
class Try {
  socket;
  url;
  token;
  timer;

  /** Where it goes, for people. */
  get name() {
    return this.url ?? "the given pipe";
  }

  /** Whether that is this computer. */
  get isLocal() {
    const { hostname } = new URL(this.url ?? "none:", "ws://none");
    return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  }

  /** Asks the bridge whether it would refuse again; calls `tell` with why, or else with what to look at. */
  explain(tell) {
    this.#ask().then(
      (status) => tell(undefined, this.#refusal(status), status === 200 ? "has the bridge such a machine?" : undefined),
      () => tell(undefined, undefined, this.url && `is the bridge there${origin() && `, with --allow-origin ${origin()}`}?`),
    );
  }

  #refusal(status) {
    return status === 401 && this.token === undefined ? "a token is needed (401)" : REFUSED[status];
  }

  async #ask() {
    const api = new URL("../../api/vms", this.url);
    api.protocol = api.protocol === "wss:" ? "https:" : "http:";
    const headers = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    const { status } = await fetch(api, { headers, signal: AbortSignal.timeout(TO_EXPLAIN) });
    return status;
  }
}

// The site of the page, if it is one: Node has none.
const origin = () => globalThis.location?.origin ?? "";

function checkToken(token) {
  if (token !== undefined && token !== null && typeof token !== "string") throw new TypeError("token must be a string");
  return token ?? undefined;
}

// A pipe, or a URL as a string.
function placeOf(value) {
  const socket = asSocket(value);
  if (socket) return socket;
  const url = value instanceof URL ? value.href : value;
  if (typeof url !== "string") throw new TypeError("url must be a string");
  return url;
}
