// A Chromium that nobody looks into: tools that drive one are told of every WebSocket frame, which costs more than the
// frame does.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** Opens a page. `ended` rejects when the browser ends before it is closed. */
export async function openBrowser(program, url) {
  const profile = await mkdtemp(path.join(tmpdir(), "qmp-bench-"));
  const chromium = spawn(program, [...OPTIONS, `--user-data-dir=${profile}`, url], { stdio: "ignore" });
  // However this program ends.
  process.once("exit", () => chromium.kill());
  const exit = once(chromium, "exit");
  const ended = exit.then(([code, signal]) => Promise.reject(new Error(`Chromium ended (${code ?? signal})`)));
  // Closing it is no error, whoever still waits.
  ended.catch(() => {});
  const close = async () => {
    chromium.kill();
    await exit;
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  return { ended, close };
}

const OPTIONS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-component-update",
  "--disable-extensions",
  "--disable-sync",
  "--js-flags=--expose-gc",
];
