// Loads the WebAssembly module when it is needed first, and once. Where it is found is said by each entry.

import instantiate, {
  QmpError,
  connect as connectLoaded,
  findSchemaBy,
  initSchema as loadSchema,
  keepEarly,
} from "./qmp_web.js";

let loading;

/**
 * `init`, `initSchema` and `connect` of an entry. `find` and `findSchema` say what to load where nobody brings anything, `read`
 * makes of either what the engine takes.
 */
export function entry(find, findSchema, read = (input) => input) {
  const readSchema = async (input) => read(await (input ?? findSchema()));
  findSchemaBy(readSchema);
  const start = async (input) => {
    try {
      await instantiate({ module_or_path: await read(await (input ?? find())) });
    } catch (cause) {
      throw new QmpError("load", `the WebAssembly module could not be loaded: ${reason(cause)}`, { cause });
    }
  };
  // Who calls while it is under way waits for the same, whichever entry that came by; after a failure the next one tries again.
  const init = (input) =>
    (loading ??= start(input).catch((error) => {
      loading = undefined;
      throw error;
    }));
  const connect = async (url, options) => {
    keepEarly(url);
    await init();
    return connectLoaded(url, options);
  };
  const initSchema = (input) => loadSchema(input === undefined ? undefined : readSchema(input));
  return { init, initSchema, connect };
}

function reason(thrown) {
  const text = String(thrown?.message ?? thrown);
  // As Chromium and Safari say it, and Firefox.
  if (/unsafe-eval|\bCSP\b/.test(text)) return "the content security policy needs script-src 'wasm-unsafe-eval'";
  return `${text}. Is it beside the scripts? If not, give its address to init(), or use qmp-web/inline`;
}
