// What axe-core finds wrong for people who use a keyboard, a reader of screens, or weak eyes: nothing, in any view, light or
// dark, wide or narrow.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { Browser, startBridge, startPlainBridge, startQemu, startTokens } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const AXE = createRequire(import.meta.url).resolve("axe-core");
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 360, height: 740 };
/** What a window of 1440 by 900 has left at 200 %. */
const ZOOMED = { width: 720, height: 450 };

/** Axe asks the styles of the page for their text, which its policy does not let it. */
const open = (t, link) => browser.open(t, link, { bypassCSP: true, reducedMotion: "reduce", viewport: WIDE });

/** Looks at the page as it is, in each light and width. */
async function look(t, page, view) {
  await page.tab.addScriptTag({ path: AXE });
  // What is far down is looked at too, though nobody has scrolled to it.
  await page.tab.addStyleTag({ content: ".entry, .happening { content-visibility: visible !important; }" });
  for (const viewport of [WIDE, ZOOMED, NARROW]) {
    await page.tab.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"]) {
      await page.tab.emulateMedia({ colorScheme });
      const how = `${view}, ${colorScheme}, ${viewport.width} px`;
      const wrong = await page.tab.evaluate(async () => {
        const { violations } = await globalThis.axe.run({ resultTypes: ["violations"] });
        const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
        const found = violations.flatMap(({ id, nodes }) =>
          nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
        );
        return wide > 0 ? [...found, `the page scrolls sideways by ${wide} px`] : found;
      });
      await t.test(how, () => assert.deepEqual(wrong, []));
    }
  }
  await page.tab.setViewportSize(WIDE);
}

const turnTo = (page, name) => page.tab.getByRole("tab", { name }).click();

test("axe: the machines", async (t) => {
  const qemu = await startQemu(t, "-vga", "std");
  const bridge = await startBridge(t, "--vm", `web1=${qemu.socket}`, "--vm", "gone=/nonexistent/qmp.sock", "--demo");
  const page = await open(t, bridge.link);
  const machines = page.tab.getByRole("list", { name: "Machines" });
  await machines.getByText("running").first().waitFor();
  await look(t, page, "machines");
});

test("axe: a machine, each part of the work, and its dialogs", async (t) => {
  const drive = ["-blockdev", "null-co,node-name=disk0,size=1048576,read-zeroes=on", "-device", "ide-hd,drive=disk0"];
  const qemu = await startQemu(t, "-vga", "std", "-device", "ide-cd,id=cd0", ...drive);
  const bridge = await startBridge(t, "--vm", `web1=${qemu.socket}`);
  const page = await open(t, bridge.link);
  await page.is("running");
  await look(t, page, "nothing done yet");

  for (const line of ["stop", "query-status", "frobnicate", "query-version"]) await page.run(line);
  await page.is("paused");
  await page.commands("query-version").getByText("micro").first().waitFor();
  await page.events("STOP").waitFor();
  await page.input.fill("object-add qom-type=iothread i");
  await look(t, page, "commands");
  await page.input.fill("");

  await turnTo(page, "In flight");
  await page.tab.getByRole("grid").getByRole("row").filter({ hasText: "frobnicate" }).click();
  await page.tab.getByRole("region", { name: "frobnicate" }).waitFor();
  await look(t, page, "in flight");

  await turnTo(page, "Commands");
  await page.run('blockdev-add {"driver": "null-co", "node-name": "target", "size": 1048576}');
  await page.run('blockdev-mirror {"job-id": "copy", "device": "disk0", "target": "target", "sync": "full"}');
  await turnTo(page, "Jobs");
  await page.tab.getByRole("list", { name: "Jobs" }).getByText("ready").waitFor();
  await look(t, page, "jobs");

  await turnTo(page, "Charts");
  await page.tab.getByRole("slider").first().waitFor();
  await look(t, page, "charts");

  await page.press("About this connection");
  await page.tab.getByRole("dialog").waitFor();
  await look(t, page, "about");
  await page.tab.keyboard.press("Escape");

  await page.press("Reset…");
  await page.tab.getByRole("alertdialog").waitFor();
  await look(t, page, "a question");
});

test("axe: a viewer", async (t) => {
  const [qemu, tokens] = await Promise.all([startQemu(t), startTokens(t)]);
  const token = await tokens.add("--role", "viewer", "--id", "eve");
  const bridge = await startPlainBridge(t, "--vm", `web1=${qemu.socket}`, "--token-file", tokens.file);
  bridge.link.hash = `#token=${token}`;
  const page = await open(t, bridge.link);
  await page.is("running");
  await look(t, page, "viewer");
});

test("axe: a token is needed", async (t) => {
  const bridge = await startBridge(t, "--demo");
  bridge.link.hash = "";
  const page = await browser.open(t, bridge.link, { bypassCSP: true, viewport: WIDE, expected: [/401/] });
  await page.tab.getByLabel("Token").waitFor();
  await look(t, page, "token needed");
});

test("axe: a recorded session, and the choice of one", async (t) => {
  const bridge = await startBridge(t, "--demo");
  const page = await open(t, new URL("#record", bridge.link));
  await page.tab.getByLabel("Choose a file").waitFor();
  await look(t, page, "choice of a record");
  await page.tab.getByRole("link", { name: "See commands overtake each other" }).click();
  await page.tab.getByRole("region", { name: "Recorded session" }).waitFor();
  await page.press("Show all");
  await look(t, page, "recorded, in flight");
  await turnTo(page, "Commands");
  await look(t, page, "recorded, commands");
});
