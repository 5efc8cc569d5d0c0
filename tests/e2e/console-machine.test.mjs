// The machine's side of the console against a real QEMU: what the machine is made of, the buttons, media, the screen.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { after, before, test } from "node:test";
import { Browser, atEnd, eventually, startBridge, startPlainBridge, startQemu, startScript, startTokens } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const qemus = [
  ["7.2", process.env.QMP_QEMU],
  ["10.0", process.env.QMP_TEST_QEMU_10],
];

for (const [version, qemu] of qemus) {
  const skip = qemu ? false : "QMP_TEST_QEMU_10 names no QEMU 10.0";
  test(`facts, media and the screen of QEMU ${version}`, { skip }, async (t) => {
    const { page, files } = await openMachine(t, startBridge, { qemu });
    const { tab } = page;
    await fact(page, "CPUs", "2 × qemu64, x86_64");
    await fact(page, "Memory", "64 MiB, balloon empty");
    await fact(page, "Calls itself", "accounting");
    await fact(page, "UUID", "11111111-2222-3333-4444-555555555555");
    await fact(page, "Board", /^pc-i440fx-/);
    await fact(page, "VNC", /^127\.0\.0\.1:\d+, nobody connected$/);
    await drive(page, "disk0").getByText("disk.raw", { exact: true }).waitFor();
    await drive(page, "disk0").getByText("raw · 3 MiB", { exact: true }).waitFor();
    await eventually(async () => assert.equal(await drive(page, "disk0").getByRole("button").count(), 0));
    await part(page, "Network", "nic0").getByText("virtio-net-pci · to n0").waitFor();
    await part(page, "Network", "nic0").getByText("52:54:00:00:00:07").waitFor();

    // By keyboard: no file of this name, then a real one.
    await drive(page, "cd0").getByText("no medium").waitFor();
    await tab.getByRole("button", { name: "Insert… cd0" }).press("Enter");
    const dialog = tab.getByRole("dialog", { name: "Change the medium of cd0 of vm1" });
    await tab.keyboard.type(path.join(files, "none.iso"));
    await tab.keyboard.press("Enter");
    await dialog.getByRole("alert").getByText("GenericError: Could not open").waitFor();
    await dialog.getByRole("textbox").fill(path.join(files, "first.iso"));
    await tab.keyboard.press("Enter");
    await drive(page, "cd0").getByText("first.iso", { exact: true }).waitFor();
    await drive(page, "cd0").getByText("raw · 64 KiB · read-only").waitFor();
    await dialog.waitFor({ state: "hidden" });
    await eventually(async () => assert.equal(await focused(page), "Insert… cd0"));

    // Another one in its place, as it is told to be, and the tray.
    await tab.getByRole("button", { name: "Insert… cd0" }).click();
    await dialog.getByRole("textbox").fill(path.join(files, "second.iso"));
    await dialog.getByLabel("Format").selectOption("raw");
    await dialog.getByLabel("Access").selectOption("read-only");
    await dialog.getByRole("button", { name: "Insert" }).click();
    await drive(page, "cd0").getByText("second.iso", { exact: true }).waitFor();
    await page.commands("second.iso").getByText(/read-only-mode=read-only/).first().waitFor();
    await tab.getByRole("button", { name: "Open tray cd0" }).click();
    await page.events("DEVICE_TRAY_MOVED").first().waitFor();
    await drive(page, "cd0").getByText("tray open").waitFor();
    await tab.getByRole("button", { name: "Close tray cd0" }).click();
    await tab.getByRole("button", { name: "Open tray cd0" }).waitFor();
    await tab.getByRole("button", { name: "Eject cd0" }).click();
    await drive(page, "cd0").getByText("no medium").waitFor();
    await said(page, "Eject cd0: done.");

    await tab.getByRole("img", { name: /^Screen of vm1, \d+ by \d+ pixels$/ }).waitFor();
  });
}

test("what changes by a command or by itself is seen without asking", async (t) => {
  const { page } = await openMachine(t, startBridge);
  await fact(page, "CPUs", /2/);
  await page.run('device_add {"driver": "virtio-net-pci", "id": "late", "mac": "52:54:00:00:00:09"}');
  await part(page, "Network", "late").getByText("52:54:00:00:00:09").waitFor();
  await page.run('blockdev-add {"driver": "null-co", "node-name": "zero", "size": 1048576}');
  await page.run('device_add {"driver": "scsi-hd", "drive": "zero", "id": "sd0"}');
  await drive(page, "sd0").getByText("null-co · 1 MiB").waitFor();
  await page.run('device_del {"id": "sd0"}');
  await page.events("DEVICE_DELETED").first().waitFor();
  await drive(page, "sd0").waitFor({ state: "detached" });
});

test("an answer that comes late is shown, and the others are", async (t) => {
  const script = await startScript(t, {
    "query-name": () => delay(6_000, { name: "accounting" }),
    "query-cpus-fast": [{}, {}],
  });
  const bridge = await startBridge(t, "--vm", `vm1=${script.socket}`);
  const page = await browser.open(t, bridge.link);
  await fact(page, "Calls itself", "accounting");
  await fact(page, "CPUs", "2");
});

test("what loses something asks first, and Escape is a no", async (t) => {
  const { page } = await openMachine(t, startBridge);
  const { tab } = page;
  for (const [button, title, command, event] of [
    ["Reset…", "Reset vm1?", "system_reset", "host-qmp-system-reset"],
    ["Power button…", "Press the power button of vm1?", "system_powerdown", "POWERDOWN"],
  ]) {
    const dialog = tab.getByRole("alertdialog", { name: title });
    const opener = tab.getByRole("button", { name: button });
    await opener.press("Enter");
    await dialog.waitFor();
    await eventually(async () => assert.equal(await focused(page), "Cancel"));
    await tab.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await eventually(async () => assert.equal(await focused(page), button));
    // The focus is on the safe button, so whoever presses Enter twice has done nothing.
    await opener.press("Enter");
    await tab.keyboard.press("Enter");
    await dialog.waitFor({ state: "hidden" });
    // Whatever had been sent would be answered before this.
    await page.run("query-name");
    await page.commands("query-name").getByText("accounting").first().waitFor();
    await eventually(async () => assert.deepEqual([await page.commands(command).count(), await page.events(event).count()], [0, 0]));

    await opener.press("Enter");
    await tab.keyboard.press("Tab");
    await tab.keyboard.press("Enter");
    await page.events(event).first().waitFor();
    await said(page, `${button.slice(0, -1)}: done.`);
    await eventually(async () => assert.deepEqual([await page.commands(command).count(), await page.events(event).count()], [1, 1]));
  }
});

test("what a button did is announced once", async (t) => {
  const { page } = await openMachine(t, startBridge);
  const { tab } = page;
  // All that is read out from now on.
  await tab.evaluate(() => {
    globalThis.announced = [];
    for (const region of document.querySelectorAll("[role=status], [role=alert]")) {
      const note = () => region.textContent && announced.push(region.textContent);
      new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
    }
  });
  await page.press("Pause");
  await said(page, "Pause: done.");
  await page.commands("stop").getByText("{}").waitFor();
  // What is typed is told by the list.
  await page.run("query-name");
  await tab.getByRole("status").getByText(/^query-name: done in /).waitFor();
  const announced = await tab.evaluate(() => announced);
  assert.deepEqual(announced.filter((text) => /^(stop|Pause): done/.test(text)), ["Pause: done."]);
});

test("on a phone what is done most comes first, for eyes and keyboard alike", async (t) => {
  const { page } = await openMachine(t, startBridge, { medium: true }, { viewport: { width: 360, height: 740 } });
  const { tab } = page;
  await tab.getByRole("img", { name: /^Screen of vm1/ }).waitFor();
  const parts = [
    tab.getByRole("button", { name: "Pause", exact: true }),
    tab.getByRole("button", { name: /^Screen of vm1/ }),
    page.input,
    tab.getByRole("heading", { name: "Events" }),
    tab.locator("summary").filter({ hasText: "Hardware" }),
  ];
  await eventually(async () => {
    const tops = await Promise.all(parts.map(async (part) => (await part.boundingBox()).y));
    assert.deepEqual(tops, tops.toSorted((a, b) => a - b));
  });
  for (const [i, part] of parts.slice(1).entries()) {
    const before = await parts[i].elementHandle();
    assert.ok(await part.evaluate((part, before) => Boolean(before.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING), before));
  }
  await eventually(async () => assert.equal(await tab.locator("[tabindex]:not([tabindex='0'], [tabindex='-1'])").count(), 0));
});

test("quit ends QEMU, and nothing does it again", async (t) => {
  const { page, qemu } = await openMachine(t, startBridge, {}, { expected: [/WebSocket connection .* failed/] });
  const { tab } = page;
  await tab.getByRole("button", { name: "Quit…" }).click();
  const dialog = tab.getByRole("alertdialog", { name: "Quit vm1?" });
  await dialog.getByText("QEMU ends at once").waitFor();
  await dialog.getByRole("button", { name: "Quit" }).click();
  await page.events("SHUTDOWN").first().waitFor();
  await page.is("unknown");
  // What was seen stays, and nothing can be done.
  await fact(page, "UUID", "11111111-2222-3333-4444-555555555555");
  await eventually(async () => assert.equal(await tab.getByRole("button", { name: "Quit…" }).getAttribute("aria-disabled"), "true"));
  await isGone(qemu.socket);
  await eventually(async () => assert.equal(await page.commands("quit").count(), 1));
});

test("an answer that is lost is said to be lost, and not asked for again", async (t) => {
  const { page, qemu } = await openMachine(t, startBridge, {}, { expected: [/WebSocket connection .* failed/, /50[34]/] });
  const { tab } = page;
  await tab.getByRole("img", { name: /^Screen of vm1/ }).waitFor();
  await qemu.kill("SIGSTOP");
  await tab.getByRole("button", { name: "Reset…" }).click();
  await tab.getByRole("alertdialog").getByRole("button", { name: "Reset" }).click();
  await said(page, "Reset: waiting for QEMU…");
  const button = tab.getByRole("button", { name: "Reset…" });
  await eventually(async () => assert.deepEqual([await button.getAttribute("aria-busy"), await button.getAttribute("aria-disabled")], ["true", "true"]));
  await qemu.kill();
  await said(page, "Reset: the connection broke before the answer came. It may have run, and is not tried again.");
  await eventually(async () => assert.equal(await page.commands("system_reset").count(), 1));
  await tab.getByText(/^as of .*, not connected$/).first().waitFor();
});

test("a question about a machine that is gone is withdrawn", async (t) => {
  const { page, qemu } = await openMachine(t, startBridge, {}, { expected: [/WebSocket connection .* failed/, /50[34]/] });
  await page.tab.getByRole("button", { name: "Quit…" }).click();
  const dialog = page.tab.getByRole("alertdialog", { name: "Quit vm1?" });
  await dialog.waitFor();
  await qemu.kill();
  await dialog.waitFor({ state: "hidden" });
  await eventually(async () => assert.equal(await page.commands("quit").count(), 0));
});

test("what QEMU refuses is told beside the button", async (t) => {
  const { page } = await openMachine(t, startBridge);
  const { tab } = page;
  await tab.getByRole("button", { name: "Insert… cd0" }).click();
  await page.tab.getByRole("dialog").getByRole("textbox").fill("/dev/null/none");
  await tab.keyboard.press("Enter");
  await tab.keyboard.press("Escape");
  await drive(page, "cd0").getByRole("alert").getByText("Insert into cd0: GenericError").waitFor();
  await tab.getByRole("button", { name: "Pause", exact: true }).click();
  await page.is("paused");
  await said(page, "Pause: done.");
  await eventually(async () => assert.equal(await tab.getByRole("alert").count(), 0));
});

test("keys and the NMI reach the guest", async (t) => {
  const { page, files } = await openMachine(t, startPlainBridge);
  const { tab } = page;
  await tab.getByText("Keys and NMI").press("Enter");
  await tab.getByRole("button", { name: "Ctrl-Alt-F2", exact: true }).press("Enter");
  await said(page, "Ctrl-Alt-F2: done.");
  await says(path.join(files, "trace"), /key qcode ctrl, down 1[^]*key qcode alt, down 1[^]*key qcode f2, down 1[^]*key qcode f2, down 0/);
  await tab.getByRole("button", { name: "NMI…" }).click();
  await tab.getByRole("alertdialog", { name: "Send an NMI to vm1?" }).getByRole("button", { name: "Send NMI" }).click();
  await said(page, "NMI: done.");
});

test("a tray that the guest has locked is opened by force alone, which asks", async (t) => {
  const { page } = await openMachine(t, startBridge, { medium: true, guest: LOCKS_CD });
  const { tab } = page;
  const locked = drive(page, "cd0").getByText("locked by the guest");
  // No event tells of it.
  await eventually(async () => assert.ok((await locked.isVisible()) || (await page.press("Look again"))));
  await tab.getByRole("button", { name: "Eject cd0" }).press("Enter");
  const dialog = tab.getByRole("alertdialog", { name: "Take the medium out of cd0 of vm1?" });
  await dialog.getByText("The guest has locked it").waitFor();
  await tab.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await drive(page, "cd0").getByText("first.iso").waitFor();

  await tab.getByRole("button", { name: "Insert… cd0" }).click();
  const medium = tab.getByRole("dialog", { name: "Change the medium of cd0 of vm1" });
  await medium.getByRole("textbox").fill("/dev/null");
  await tab.keyboard.press("Enter");
  await medium.getByRole("alert").getByText("is locked").waitFor();
  await medium.getByRole("button", { name: "Cancel" }).click();

  await tab.getByRole("button", { name: "Eject cd0" }).click();
  await dialog.getByRole("button", { name: "Eject by force" }).click();
  await drive(page, "cd0").getByText("no medium").waitFor();
});

test("a guest that sleeps is woken", async (t) => {
  const { page } = await openMachine(t, startPlainBridge, { guest: SUSPENDS }, { waits: false });
  await page.is("suspended");
  await page.press("Wake up");
  await page.events("WAKEUP").first().waitFor();
  await said(page, "Wake up: done.");
});

test("an operator runs the machine, and is not offered what takes an admin", async (t) => {
  const { page } = await openMachine(t, startPlainBridge, { medium: true });
  const { tab } = page;
  await drive(page, "cd0").getByText("first.iso").waitFor();
  await part(page, "Network", "nic0").getByText("52:54:00:00:00:07").waitFor();
  await eventually(async () => assert.equal(await tab.getByRole("button", { name: /^Insert/ }).count(), 0));
  await tab.getByRole("img", { name: /^Screen of vm1/ }).waitFor();
  // What cannot be undone by the same person asks.
  await tab.getByRole("button", { name: "Eject cd0" }).click();
  const dialog = tab.getByRole("alertdialog", { name: "Take the medium out of cd0 of vm1?" });
  await dialog.getByText("takes an admin").waitFor();
  await dialog.getByRole("button", { name: "Eject" }).click();
  await drive(page, "cd0").getByText("no medium").waitFor();
  await page.press("Pause");
  await page.is("paused");
  await page.press("Resume");
  await page.is("running");
});

test("a viewer is told so, and offered nothing", async (t) => {
  const machine = await startMachine(t);
  const tokens = await startTokens(t);
  const token = await tokens.add("--id", "eve", "--role", "viewer");
  const bridge = await startPlainBridge(t, "--vm", `vm1=${machine.qemu.socket}`, "--token-file", tokens.file);
  const asked = [];
  const page = await browser.open(t, new URL("about:blank"));
  page.tab.on("request", (request) => asked.push(request.url()));
  await page.tab.goto(new URL(`#token=${token}`, bridge.link).href);
  await page.is("running");
  const control = page.tab.getByRole("region", { name: "Control" });
  await page.sees("Your role, viewer, may look and nothing else.");
  await eventually(async () => assert.equal(await control.getByRole("button").count(), 0));
  await page.sees("The screen is for operators to see.");
  await page.sees("Drives, network and displays are for operators to see.");
  await fact(page, "CPUs", "2 × qemu64, x86_64");
  await fact(page, "Memory", "64 MiB, balloon empty");
  assert.equal(asked.filter((url) => url.includes("screen")).length, 0);
  await page.screenshot("viewer");
});

test("the demo machine has what it has", async (t) => {
  const bridge = await startBridge(t, "--demo");
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.sees("The demo machine has no screen.");
  await page.tab.getByText("Keys and NMI").waitFor({ state: "hidden" });
  await page.press("Pause");
  await page.is("paused");
  await said(page, "Pause: done.");
  await eventually(async () => assert.equal(await page.tab.getByRole("list", { name: "Drives" }).count(), 0));
});

test("a machine without a display is not asked for one", async (t) => {
  const { page } = await openMachine(t, startBridge, { display: false });
  await page.sees("This machine has no display.");
});

test("the screen is shown large, zoomed and saved", async (t) => {
  const { page } = await openMachine(t, startPlainBridge);
  const { tab } = page;
  const small = tab.getByRole("img", { name: /^Screen of vm1/ });
  await small.waitFor();
  // SeaBIOS or iPXE changes it while it is looked at, and the page follows: the address of the picture is another.
  await tab.getByRole("button", { name: /^Screen of vm1/ }).press("Enter");
  const dialog = tab.getByRole("dialog", { name: "Screen of vm1" });
  const large = dialog.getByRole("img", { name: /^Screen of vm1/ });
  await large.waitFor();
  const width = await large.evaluate((image) => image.naturalWidth);
  await eventually(async () => assert.equal(await focused(page), "Fit"));
  for (const [times, factor] of [
    ["100 %", 1],
    ["200 %", 2],
    ["400 %", 4],
  ]) {
    await tab.keyboard.press("ArrowRight");
    await dialog.getByRole("radio", { name: times, checked: true }).waitFor();
    await eventually(async () => assert.equal(await large.evaluate((image) => image.getBoundingClientRect().width / image.naturalWidth), factor));
  }
  assert.ok(width > 0);
  await page.screenshot("screen-large");
  const download = tab.waitForEvent("download");
  await dialog.getByRole("link", { name: "Save as PNG" }).press("Enter");
  const saved = await download;
  assert.match(saved.suggestedFilename(), /^vm1-\d{4}-\d\d-\d\d-\d{6}\.png$/);
  const bytes = await readFile(await saved.path());
  assert.equal(bytes.subarray(1, 4).toString(), "PNG");
  await tab.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await eventually(async () => assert.match(await focused(page), /^Screen of vm1/));
});

test("nothing moves when the first picture comes", async (t) => {
  const { qemu } = await startMachine(t);
  const bridge = await startBridge(t, "--vm", `vm1=${qemu.socket}`);
  const page = await browser.open(t, new URL("about:blank"));
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.tab.route("**/screen*", async (route) => {
    await held;
    await route.continue();
  });
  await page.tab.goto(bridge.link.href);
  await page.sees("Waiting for a picture…");
  await drive(page, "disk0").getByText("raw · 3 MiB", { exact: true }).waitFor();
  const height = () => page.tab.locator("#screen").evaluate((screen) => screen.getBoundingClientRect().height);
  const before = await height();
  go();
  await page.tab.getByRole("img", { name: /^Screen of vm1/ }).waitFor();
  assert.equal(await height(), before);
});

test("the screen is followed while it changes, and not while nobody sees it", async (t) => {
  const { page } = await openMachine(t, startPlainBridge);
  const { tab } = page;
  const asked = [];
  await tab.getByRole("img", { name: /^Screen of vm1/ }).waitFor();
  tab.on("request", (request) => request.url().endsWith("/screen.png") && asked.push(request.headers()["if-none-match"]));
  // What is there is named, so that it does not come twice.
  await tab.waitForRequest((request) => request.url().endsWith("/screen.png"));
  assert.ok(asked.every((etag) => /^"/.test(etag ?? "")), `${asked}`);
  const fold = tab.locator("summary").filter({ hasText: "Screen" });
  await fold.click();
  await tab.getByRole("img", { name: /^Screen of vm1/ }).waitFor({ state: "hidden" });
  // One may have been on its way. Three answers of QEMU's later there was none; opened again, there is.
  for (let i = 0; i < 3; i++) {
    await page.run("query-uuid");
    await page.commands("query-uuid").nth(i).getByText('"UUID"').waitFor();
  }
  const before = asked.length;
  await fold.press("Enter");
  await tab.waitForRequest((request) => request.url().endsWith("/screen.png"));
  assert.ok(asked.length > before);
});

for (const [name, colorScheme, width, height] of [
  ["wide", "light", 1440, 900],
  ["dark", "dark", 1440, 900],
  ["phone", "light", 360, 740],
]) {
  test(`the machine's side fits: ${name}`, async (t) => {
    const { page } = await openMachine(t, startBridge, { medium: true }, { colorScheme, viewport: { width, height } });
    if (width < 960) await page.tab.getByText("Hardware", { exact: true }).click();
    await drive(page, "cd0").getByText("first.iso").waitFor();
    await page.tab.getByText("Keys and NMI").click();
    const overflow = await page.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} pixels too wide`);
    await page.screenshot(`machine-${name}`);
    await page.tab.getByRole("button", { name: "Insert… cd0" }).click();
    await page.screenshot(`machine-${name}-medium`);
  });
}

// Guests, as code of the 8086 at 0x7c00. This one sends the CD drive, the first of the IDE controller, PREVENT ALLOW MEDIUM
// REMOVAL: it selects the drive, sends PACKET, waits for it to ask for the packet, gives it, and halts.
const LOCKS_CD = `
  ba f6 01  b0 a0  ee
  ba f7 01  b0 a0  ee
  ec  a8 80  75 fb
  ec  a8 08  74 fb
  ba f0 01  be 25 7c  b9 06 00  fc  f3 6f
  f4  eb fd
  1e 00 00 00 01 00 00 00 00 00 00 00`;
// This one asks for S3 by the power management's register, where the firmware has put it, and halts.
const SUSPENDS = "ba 04 06  b8 00 24  ef  f4  eb fd";

/** A machine with all that the console shows. */
async function startMachine(t, { qemu, medium, guest, display = true } = {}) {
  const files = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  atEnd(t, () => rm(files, { recursive: true }));
  for (const name of ["first.iso", "second.iso", "disk.raw"]) {
    await writeFile(path.join(files, name), guest && name === "disk.raw" ? bootSector(guest) : name);
    await truncate(path.join(files, name), name === "disk.raw" ? 3 << 20 : 64 << 10);
  }
  const cd = medium ? ["-drive", `if=none,id=cd,media=cdrom,format=raw,file=${path.join(files, "first.iso")}`] : [];
  const options = [
    ...["-name", "accounting", "-uuid", "11111111-2222-3333-4444-555555555555", "-smp", "2"],
    ...["-drive", `if=none,id=hd,format=raw,file=${path.join(files, "disk.raw")}`, "-device", "virtio-blk-pci,drive=hd,id=disk0"],
    ...[...cd, "-device", `ide-cd,bus=ide.0,unit=0,id=cd0${medium ? ",drive=cd" : ""}`],
    ...["-device", "virtio-scsi-pci,id=scsi0", "-device", "virtio-balloon-pci"],
    ...["-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0,id=nic0,mac=52:54:00:00:00:07"],
    ...["-D", path.join(files, "trace"), "-trace", "input_event_key_qcode"],
    ...(display ? ["-vga", "std", "-vnc", "127.0.0.1:0,to=999"] : []),
  ];
  const known = process.env.QMP_QEMU;
  if (qemu) process.env.QMP_QEMU = qemu;
  try {
    return { qemu: await startQemu(t, ...options), files };
  } finally {
    process.env.QMP_QEMU = known;
  }
}

/** The first block of a disk, which the firmware runs as it is. */
function bootSector(code) {
  const block = Buffer.alloc(512);
  Buffer.from(code.replaceAll(/\s/g, ""), "hex").copy(block);
  block.writeUInt16BE(0x55aa, 510);
  return block;
}

async function openMachine(t, startBridge, machine, { waits = true, ...options } = {}) {
  const { qemu, files } = await startMachine(t, machine);
  const bridge = await startBridge(t, "--vm", `vm1=${qemu.socket}`);
  const page = await browser.open(t, bridge.link, options);
  if (waits) await page.is("running");
  return { page, qemu, files };
}

/** Waits until a fact is told so. */
async function fact({ tab }, name, text) {
  const item = tab.locator("dl > div").filter({ has: tab.getByText(name, { exact: true }) });
  await item.getByRole("definition").filter({ hasText: text }).waitFor();
}

function part({ tab }, list, name) {
  const items = tab.getByRole("list", { name: list, exact: true }).getByRole("listitem");
  return items.filter({ has: tab.getByText(name, { exact: true }) });
}

function drive(page, name) {
  return part(page, "Drives", name);
}

async function said({ tab }, text) {
  await tab.getByRole("status").getByText(text, { exact: true }).waitFor();
}

/** What the element that has the focus is called. */
function focused({ tab }) {
  return tab.evaluate(() => {
    const { activeElement: element } = document;
    const text = (element.labels?.[0] ?? element).innerText?.trim();
    return element.ariaLabel ?? element.querySelector("img")?.alt ?? text;
  });
}

/** Waits until nobody listens on a socket. */
function isGone(socket) {
  return eventually(async () => {
    const connection = connect(socket);
    await assert.rejects(once(connection, "connect")).finally(() => connection.destroy());
  });
}

/** Waits until a file says this. */
function says(file, pattern) {
  return eventually(async () => assert.match(await readFile(file, "utf8"), pattern));
}
