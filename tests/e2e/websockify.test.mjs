// The console without our bridge: websockify carries QEMU's own bytes.

import { after, before, test } from "node:test";
import { Browser, startQemu, startWebsockify } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

test("a machine behind websockify", async (t) => {
  const qemu = await startQemu(t);
  const { link } = await startWebsockify(t, qemu.socket);
  const page = await browser.open(t, link);

  await page.is("running");
  await page.sees("oob");
  await page.run("stop");
  await page.events("STOP").waitFor();
  await page.is("paused");
  await page.press("Resume");
  await page.is("running");
});
