// The command line as a person types: suggestions, hints and marks from the machine's own schema, many lines, and what was
// typed before.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, eventually, startBridge, startPlainBridge, startQemu, startTokens } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

test("a command, its arguments and their values are completed by keyboard alone", async (t) => {
  const page = await open(t);
  const { keyboard } = page.tab;
  await focus(page);
  await keyboard.type("blockdev-a");
  await option(page, "blockdev-add").waitFor();
  await keyboard.press("Tab");
  await is(page, "blockdev-add ");

  // What has to be there comes first.
  await option(page, /^driver required/).waitFor();
  await keyboard.type("dr");
  await keyboard.press("Tab");
  await is(page, "blockdev-add driver=");
  await keyboard.type("null");
  await option(page, /^null-co/).waitFor();
  await keyboard.press("ArrowDown");
  await isActive(page, /^null-aio/);
  await keyboard.press("ArrowDown");
  await isActive(page, /^null-co/);
  await keyboard.press("ArrowUp");
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await is(page, "blockdev-add driver=null-co ");

  // Of this driver alone.
  await keyboard.type("laten");
  await option(page, /^latency-ns int/).waitFor();
  await keyboard.press("Tab");
  await keyboard.type("1000 node-name=n1 cache.d");
  await option(page, /^direct boolean/).waitFor();
  await keyboard.press("Tab");
  await option(page, "true").waitFor();
  await keyboard.press("Tab");
  await is(page, "blockdev-add driver=null-co latency-ns=1000 node-name=n1 cache.direct=true ");
  await keyboard.press("Escape");
  await eventually(async () => assert.equal(await suggestions(page).count(), 0));
  await keyboard.press("Enter");
  await page.commands("blockdev-add").getByText("{}").waitFor();
});

test("suggestions are taken by pointer too, and Escape and a click elsewhere close them", async (t) => {
  const page = await open(t);
  await focus(page);
  await page.tab.keyboard.type("status");
  await option(page, "query-status").click();
  await is(page, "query-status ");
  await page.tab.keyboard.press("Backspace");
  await page.tab.keyboard.press("Backspace");
  await suggestions(page).waitFor();
  await page.tab.keyboard.press("Escape");
  await suggestions(page).waitFor({ state: "hidden" });
  await page.tab.keyboard.press("Backspace");
  await suggestions(page).waitFor();
  await page.tab.getByRole("heading", { name: "Events" }).click();
  await suggestions(page).waitFor({ state: "hidden" });
});

test("a line under the input says what the command takes", async (t) => {
  const page = await open(t);
  await focus(page);
  await page.tab.keyboard.type("device_del ");
  await page.tab.locator("#command-hint").getByText("id", { exact: true }).waitFor();
  await page.tab.keyboard.type("id=");
  await page.tab.locator("#command-hint").getByText("id: string").waitFor();
});

for (const [width, height] of [
  [1440, 900],
  [720, 450],
  [360, 740],
]) {
  test(`the line under the input and the suggestions are seen together, ${width} by ${height}`, async (t) => {
    const page = await open(t, { viewport: { width, height } });
    await focus(page);
    await page.tab.keyboard.type("blockdev-add ");
    await page.tab.locator("#command-hint").getByText("driver", { exact: false }).first().waitFor();
    await suggestions(page).waitFor();
    // Nothing lies above either, and no panel cuts them.
    await eventually(async () => {
      const covered = await page.tab.evaluate(() => {
        const isSeen = (element, x, y) => {
          const found = document.elementFromPoint(x, y);
          return element === found || element.contains(found);
        };
        return ["command", "command-hint", "command-suggestions"].filter((id) => {
          const element = document.getElementById(id);
          element.scrollIntoView({ block: "nearest" });
          const { left, top, bottom } = element.getBoundingClientRect();
          return !isSeen(element, left + 6, top + 4) || !isSeen(element, left + 6, bottom - 4);
        });
      });
      assert.deepEqual(covered, []);
    });
    await page.screenshot(`suggestions-${width}`);
  });
}

test("wrong arguments are marked before they are sent, and sent if a person insists", async (t) => {
  const page = await open(t);
  await focus(page);
  await page.tab.keyboard.type("qom-list path=7 pth=/ ");
  const underlined = page.tab.locator("#command-marks mark");
  await underlined.getByText("path=7").waitFor();
  await underlined.getByText("pth=/").waitFor();
  await page.tab.keyboard.press("Escape");
  await page.tab.keyboard.press("Enter");
  const alert = page.tab.getByRole("alert");
  await alert.getByText("path: expects string, not an int.").waitFor();
  await alert.getByText("pth: there is no member 'pth'; is it 'path'?").waitFor();
  await eventually(async () => assert.equal(await page.commands("").count(), 0));
  await eventually(async () => assert.equal(await page.input.getAttribute("aria-invalid"), "true"));

  await page.tab.keyboard.press("Enter");
  await page.commands("qom-list").getByText("GenericError").waitFor();
  await eventually(async () => assert.equal(await page.input.inputValue(), ""));
  await eventually(async () => assert.equal(await alert.getByText("expects").count(), 0));

  await page.tab.keyboard.type("frobnicate");
  await page.tab.keyboard.press("Enter");
  await alert.getByText("there is no command 'frobnicate'").waitFor();
  await page.press("Run anyway");
  await page.commands("frobnicate").getByText("CommandNotFound").waitFor();
});

test("what is missing is said when it is run, and where a mistake is", async (t) => {
  const page = await open(t);
  await focus(page);
  await page.tab.keyboard.type("device_del ");
  await page.tab.keyboard.press("Escape");
  await page.tab.keyboard.press("Enter");
  await page.tab.getByRole("alert").getByText("id: required, but missing.").waitFor();
  await page.input.fill("eject\n  id=cd0 force");
  await page.tab.keyboard.press("Enter");
  await page.tab.getByRole("alert").getByText("Expected name=value, not 'force', at character 10 of line 2.").waitFor();
  await page.tab.locator("#command-marks mark").getByText("force").waitFor();
});

test("a transaction is typed over several lines, and many lines can be pasted", async (t) => {
  const page = await open(t);
  const { keyboard } = page.tab;
  await page.run("blockdev-add driver=null-co node-name=n size=1048576");
  await page.commands("blockdev-add").getByText("{}").waitFor();
  await focus(page);
  for (const line of ["transaction(", "block-dirty-bitmap-add node=n name=a", "block-dirty-bitmap-add node=n name=b", ")"]) {
    await keyboard.type(line);
    await keyboard.press("Enter");
  }
  await page.commands("transaction(").getByText("{}").waitFor();
  await eventually(async () => assert.equal(await page.input.inputValue(), ""));
  await page.run("query-named-block-nodes flat=true");
  await page.commands("query-named-block-nodes").getByText('"name": "b"').waitFor();

  await page.tab.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", 'query-name\nqom-list\n  path=/machine\n{"execute": "query-uuid"}');
    document.execCommand("insertText", false, clipboardData.getData("text/plain"));
  });
  await keyboard.press("Enter");
  await page.commands("query-name").getByText("{}").waitFor();
  await page.commands("qom-list path=/machine").getByText("child<").first().waitFor();
  await page.commands("query-uuid").getByText('"UUID"').waitFor();
});

test("what is typed in shorthand arrives, integers of 64 bits to the digit", async (t) => {
  const page = await open(t);
  await page.run("blockdev-add driver=raw node-name=top file.driver=null-co file.node-name=low file.latency-ns=9007199254740993");
  await page.commands("blockdev-add").getByText("{}").waitFor();
  await page.run("block-dirty-bitmap-add node=low name=b");
  await page.commands("block-dirty-bitmap-add").getByText("{}").waitFor();
  await page.run("object-add qom-type=iothread id=t poll-max-ns=9223372036854775807");
  await page.run('qom-get {"path": "/objects/t", "property": "poll-max-ns"}');
  await page.commands("qom-get").getByText("9223372036854775807", { exact: true }).waitFor();
});

test("what was typed is there after a reload, but for secrets", async (t) => {
  const page = await open(t);
  for (const line of ["query-name", "object-add qom-type=secret id=s data=hunter2", "transaction(\nabort\n)"]) {
    await page.run(line);
    await page.commands(line.split(/[ \n]/)[0]).first().waitFor();
  }
  assert.ok(!(await page.tab.evaluate(() => JSON.stringify([localStorage, sessionStorage]))).includes("hunter2"));
  await page.tab.reload();
  await page.is("running");
  await focus(page);
  const { keyboard } = page.tab;
  await keyboard.type("draft");
  await keyboard.press("Escape");
  await keyboard.press("ArrowUp");
  await is(page, "transaction(\nabort\n)");
  // Within several lines an arrow goes through them first.
  await keyboard.press("ArrowUp");
  await is(page, "transaction(\nabort\n)");
  await keyboard.press("ArrowUp");
  await keyboard.press("ArrowUp");
  await is(page, "query-name");
  await keyboard.press("ArrowDown");
  await is(page, "transaction(\nabort\n)");
  await keyboard.press("ArrowDown");
  await is(page, "draft");
});

test("Control and R search what was typed", async (t) => {
  const page = await open(t);
  for (const line of ["query-name", "query-status", "query-block", "stop"]) {
    await page.run(line);
    await page.commands(line).waitFor();
  }
  const { keyboard } = page.tab;
  await focus(page);
  await keyboard.type("draft");
  await keyboard.press("Control+r");
  const query = page.tab.getByRole("searchbox", { name: "Search the history" });
  await keyboard.type("query");
  await is(page, "query-block");
  await keyboard.press("Control+r");
  await is(page, "query-status");
  await keyboard.type("-n");
  await is(page, "query-name");
  await keyboard.press("Control+r");
  await page.sees("No older line");
  await keyboard.press("Escape");
  await query.waitFor({ state: "hidden" });
  await is(page, "draft");

  await page.press("History");
  await keyboard.type("status");
  await keyboard.press("Enter");
  await is(page, "query-status");
  await page.input.and(page.tab.locator(":focus")).waitFor();
  await keyboard.press("Enter");
  await page.commands("query-status").nth(1).waitFor();
});

test("a command that can run out of band is sent so if a person says so", async (t) => {
  const page = await open(t);
  await focus(page);
  const box = page.tab.getByRole("checkbox", { name: "out of band" });
  await page.tab.keyboard.type("stop");
  await eventually(async () => assert.equal(await box.count(), 0));
  await page.input.fill("migrate-pause");
  await box.check();
  await page.input.press("Enter");
  await page.commands("migrate-pause").getByText("out of band").waitFor();
  await page.commands("migrate-pause").getByText("GenericError").waitFor();
  await page.input.fill("migrate-pause");
  await box.waitFor();
  await eventually(async () => assert.equal(await box.isChecked(), false));
});

test("what the role may not execute is shown as such, and not among the examples", async (t) => {
  const qemu = await startQemu(t);
  const tokens = await startTokens(t);
  const token = await tokens.add("--id", "guest", "--role", "viewer");
  const bridge = await startPlainBridge(t, "--vm", `vm1=${qemu.socket}`, "--token-file", tokens.file);
  const page = await browser.open(t, new URL(`#token=${token}&vm=vm1`, bridge.link));
  await page.is("running");
  await page.tab.getByRole("button", { name: "query-status", exact: true }).waitFor();
  await eventually(async () => assert.equal(await page.tab.getByRole("button", { name: /object-add|blockdev-add/ }).count(), 0));
  await focus(page);
  await page.tab.keyboard.type("sto");
  await option(page, /^stop not for your role/).waitFor();
  await page.input.fill("stop");
  await page.input.press("Escape");
  await page.input.press("Enter");
  await page.tab.getByRole("alert").getByText("your role may not execute stop").waitFor();
});

test("a machine without a schema has a plain command line", async (t) => {
  const bridge = await startBridge(t, "--demo");
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.tab.getByRole("button", { name: "x-async-sleep ms=2000" }).click();
  await is(page, "x-async-sleep ms=2000");
  await page.input.fill("x-async-sleep ms=1");
  await page.input.press("Enter");
  await page.commands("x-async-sleep ms=1").getByText("{}").waitFor();
});

async function open(t, options) {
  const qemu = await startQemu(t);
  const bridge = await startBridge(t, "--vm", `vm1=${qemu.socket}`);
  const page = await browser.open(t, bridge.link, options);
  await page.is("running");
  return page;
}

/** Puts the keyboard into the command line, and waits until the machine has told of its commands. */
async function focus(page) {
  await page.input.focus();
  // That is seen by a hint, which there is for what the schema knows.
  await page.input.fill("stop");
  await page.tab.locator("#command-hint").getByText("stop").waitFor();
  await page.input.fill("");
}

async function is(page, text) {
  await page.tab.waitForFunction(([input, text]) => input.value === text, [await page.input.elementHandle(), text]).catch(async (error) => {
    throw new Error(`${JSON.stringify(await page.input.inputValue())} instead of ${JSON.stringify(text)}`, { cause: error });
  });
}

/** Waits until this suggestion is what a screen reader is told to be at. */
async function isActive(page, text) {
  const selected = suggestions(page).getByRole("option", { name: text, selected: true });
  await selected.waitFor();
  await eventually(async () => assert.equal(await page.input.getAttribute("aria-activedescendant"), await selected.getAttribute("id")));
}

function suggestions(page) {
  return page.tab.getByRole("listbox", { name: "Suggestions" });
}

function option(page, name) {
  return suggestions(page).getByRole("option", { name });
}
