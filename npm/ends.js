// What both ends of a port know: how errors cross it, and how one end sees that the other is gone.

import { makeError, messageOf } from "./js/error.js";

/** An error as plain data. */
export function encodeError(error) {
  const { kind, name, ...details } = error ?? {};
  return { kind, message: messageOf(error), details };
}

/** The error again. */
export function decodeError({ kind, message, details }) {
  return kind ? makeError(kind, message, details) : new TypeError(message);
}

/** Holds a lock of its own, whose name can be told, until `release` is called or this end is gone. */
export function hold() {
  const name = `qmp-web ${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    navigator.locks.request(name, () => new Promise((release) => resolve({ name, release })));
  });
}

/** Calls `listener` when whoever holds this lock is gone. */
export function whenGone(name, listener) {
  navigator.locks.request(name, listener);
}
