// The declarations of every entry that loads the WebAssembly module.

export type * from "./qmp_web.js";
export {
  AbortError,
  CommandError,
  ConnectionLostError,
  connect,
  Job,
  JobError,
  QmpError,
  TimeoutError,
  Trace,
} from "./qmp_web.js";

/** What the WebAssembly module can be loaded from. */
export type InitInput = string | URL | Request | Response | ArrayBuffer | ArrayBufferView | WasmModule;

// `WebAssembly.Module`. The types of Node do not know it.
type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : never;

/**
 * Loads the WebAssembly module. Without it the first `connect` does. Once it is loaded, or while it is, a call does nothing but
 * wait; after a failure the next one tries again. Rejects with a `QmpError` of kind "load".
 */
export function init(input?: InitInput | Promise<InitInput>): Promise<void>;

/**
 * The same for the module that reads schemas, which `schema()` and `check` load when they need it. Rejects as `init` does.
 */
export function initSchema(input?: InitInput | Promise<InitInput>): Promise<void>;
