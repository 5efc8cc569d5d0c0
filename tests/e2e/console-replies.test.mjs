// Replies in the console: as trees that are walked, searched and copied.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, eventually, startBridge, startQemu, startScript } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

test("a reply is a tree that the keyboard walks through", async (t) => {
  const page = await openMachine(t);
  await page.run("query-block");
  const tree = treeOf(page, "query-block");
  const items = tree.getByRole("treeitem");
  await items.first().focus();
  await eventually(async () => assert.equal(await focused(page), "["));
  await eventually(async () => assert.equal(await tree.locator("[tabindex='0']").count(), 1));
  await page.tab.keyboard.press("ArrowDown");
  await eventually(async () => assert.match(await focused(page), /^0: \{/));
  await page.tab.keyboard.press("ArrowLeft");
  await eventually(async () => assert.match(await focused(page), /^0: \{"/));
  await eventually(async () => assert.equal(await items.count(), 2));
  await page.tab.keyboard.press("ArrowRight");
  await page.tab.keyboard.press("ArrowRight");
  await eventually(async () => assert.match(await focused(page), /^"/));
  await page.tab.keyboard.press("ArrowLeft");
  await eventually(async () => assert.match(await focused(page), /^0: /));
  await page.tab.keyboard.press("Home");
  await page.tab.keyboard.press("Enter");
  await eventually(async () => assert.equal(await items.count(), 1));
  await page.tab.keyboard.press("Enter");
  await page.tab.keyboard.press("End");
  await eventually(async () => assert.equal(await focused(page), await items.last().innerText()));
  await tree.getByText('"qdev": "cd0"').waitFor();
});

test("the schema opens at once, in parts, and is searched", async (t) => {
  const page = await openMachine(t);
  await page.run("query-qmp-schema");
  const tree = treeOf(page, "query-qmp-schema");
  const items = tree.getByRole("treeitem");
  await items.nth(200).waitFor();
  await eventually(async () => assert.ok((await items.count()) < 210));
  await tree.getByRole("treeitem", { name: /^Show 200 of \d+ more$/ }).click();
  await eventually(async () => assert.ok((await items.count()) > 390));

  const entry = page.commands("query-qmp-schema");
  await entry.getByRole("button", { name: "Search" }).click();
  const field = entry.getByRole("searchbox", { name: "Search in this reply" });
  await field.fill("blockdev-snapshot-delete-internal-sync");
  await entry.getByText("1 of 1", { exact: true }).waitFor();
  await tree.getByText("blockdev-snapshot-delete-internal-sync").waitFor();

  await field.fill('name": "BLOCKDEV-');
  await entry.getByText(/^1 of \d\d$/).waitFor();
  const here = () => tree.locator("[data-found=here]").innerText();
  const first = await here();
  await field.press("Enter");
  await entry.getByText(/^2 of \d\d$/).waitFor();
  // What is searched in does not push away what it is searched by.
  const top = async (locator) => (await locator.boundingBox()).y;
  await eventually(async () => assert.ok((await top(field)) >= (await top(page.tab.getByRole("list", { name: "Commands, newest first" })))));
  await eventually(async () => assert.notEqual(await here(), first));
  await field.press("Shift+Enter");
  await eventually(async () => assert.equal(await here(), first));
  await entry.getByRole("button", { name: "Previous" }).click();
  await entry.getByText(/^(\d\d) of \1$/).waitFor();
  await field.fill("no such text");
  await entry.getByText("nothing found").waitFor();
  await field.press("Escape");
  await eventually(async () => assert.equal(await field.isVisible(), false));
  await page.tab.keyboard.press("/");
  await field.waitFor();
});

test("values and commands are copied in every form", async (t) => {
  const page = await openMachine(t);
  const add = 'object-add {"qom-type": "iothread", "id": "t", "poll-max-ns": 9007199254740993}';
  await page.run(add);
  await page.commands("object-add").getByText("{}").waitFor();
  const copied = () => page.tab.evaluate(() => navigator.clipboard.readText());
  const copy = async (open, form) => {
    await open();
    await page.tab.getByRole("menuitem", { name: form, exact: true }).click();
    await page.tab.getByText(/^Copied: /).waitFor();
    return copied();
  };
  const byButton = () => page.commands("object-add").getByRole("button", { name: "Copy" }).click();
  await eventually(async () => assert.equal(await copy(byButton, "Copy command as shorthand"), "object-add qom-type=iothread id=t poll-max-ns=9007199254740993"));
  assert.equal(
    await copy(byButton, "Copy command as JavaScript"),
    'await (await vm).execute("object-add", { "qom-type": "iothread", id: "t", "poll-max-ns": 9007199254740993n })',
  );
  // It runs where it was copied, in the developer tools of the page.
  await page.run('object-del {"id": "t"}');
  await page.commands("object-del").getByText("{}").waitFor();
  await page.tab.evaluate(`(async () => { ${await copied()} })()`);
  await eventually(async () => assert.equal(await copy(byButton, "Copy command as JSON"), `{"execute": "object-add", "arguments": ${add.slice(11)}}`));

  await page.run("query-block");
  const row = treeOf(page, "query-block").getByRole("treeitem", { name: '"qdev": "cd0"' });
  const byPointer = () => row.click({ button: "right" });
  await eventually(async () => assert.equal(await copy(byPointer, "Copy path"), "return[0].qdev"));
  await eventually(async () => assert.equal(await copy(byPointer, "Copy text"), "cd0"));
  const byKeyboard = async () => {
    await row.focus();
    await page.tab.keyboard.press("Shift+F10");
    await eventually(async () => assert.equal(await page.tab.evaluate(() => document.activeElement.getAttribute("role")), "menuitem"));
  };
  await eventually(async () => assert.equal(await copy(byKeyboard, "Copy as JSON"), '"cd0"'));
  await byKeyboard();
  await page.tab.keyboard.press("ArrowDown");
  await page.tab.keyboard.press("Enter");
  await page.tab.getByText("Copied: path").waitFor();
  await eventually(async () => assert.equal(await focused(page), '"qdev": "cd0"'));

  await page.run('qom-get {"path": "/objects/t", "property": "poll-max-ns"}');
  await treeOf(page, "qom-get").getByRole("treeitem").first().press("Control+c");
  await page.tab.getByText("Copied: JSON").waitFor();
  await eventually(async () => assert.equal(await copied(), "9007199254740993"));
});

test("what is run shows at once, wherever one has scrolled to", async (t) => {
  const page = await openMachine(t);
  await page.run("query-qmp-schema");
  await page.run("query-commands");
  await page.commands("query-commands").getByText("name").first().waitFor();
  const list = page.tab.getByRole("list", { name: "Commands, newest first" });
  await list.evaluate((list) => list.scrollTo(0, 1e6));
  await eventually(async () => assert.ok((await list.evaluate((list) => list.scrollTop)) > 100));
  await page.run("query-name");
  await eventually(async () => assert.ok(await page.commands("query-name").evaluate((entry) => {
    const [shown, list] = [entry.getBoundingClientRect(), entry.parentElement.getBoundingClientRect()];
    return shown.top >= list.top && shown.top < list.bottom;
  })));
});

test("what nobody may execute is not among the examples, and what takes lines is run again in lines", async (t) => {
  const page = await openMachine(t);
  await page.tab.getByRole("button", { name: "query-block", exact: true }).waitFor();
  assert.equal(await page.tab.getByRole("button", { name: /human-monitor-command/ }).count(), 0);
  const several = "transaction(\nabort\nabort\n)";
  await page.run(several);
  await page.commands("transaction").getByRole("button", { name: "Run again" }).click();
  await eventually(async () => assert.equal(await page.input.inputValue(), several));
});

test("a command is run again from its line", async (t) => {
  const page = await openMachine(t);
  await page.run('qom-list {"path": "/machine"}');
  await page.commands("qom-list").getByRole("button", { name: "Run again" }).click();
  await eventually(async () => assert.match(await page.input.inputValue(), /^qom-list .*\/machine/));
  await eventually(async () => assert.ok(await page.input.evaluate((input) => input === document.activeElement)));
});

test("what waits says how long, and need not be waited for", async (t) => {
  const { socket } = await startScript(t, { "x-slow": null });
  const bridge = await startBridge(t, "--vm", `vm1=${socket}`);
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.run("x-slow");
  const entry = page.commands("x-slow");
  await entry.getByText(/^pending [1-9]\d* s$/).waitFor();
  await entry.getByRole("button", { name: "Stop waiting" }).click();
  await entry.getByText("given up: may run").waitFor();
  await eventually(async () => assert.equal(await entry.getByRole("button", { name: "Stop waiting" }).count(), 0));
});

test("text of many lines stays so, and what hides is shown", async (t) => {
  const hostile = "<img src=x onerror=alert(1)>\u202e";
  const { socket } = await startScript(t, { "query-name": { [hostile]: hostile }, "human-monitor-command": "one\r\ntwo\n" });
  const bridge = await startBridge(t, "--vm", `vm1=${socket}`);
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.run("query-name");
  await treeOf(page, "query-name").getByText(`"<img src=x onerror=alert(1)>\\u202e": "<img src=x onerror=alert(1)>\\u202e"`).waitFor();
  await page.run("query-bogus");
  const error = page.commands("query-bogus");
  await error.getByText("failed, ").waitFor();
  await eventually(async () => assert.equal(await error.getByRole("button", { name: "Search" }).count(), 0));
});

async function openMachine(t) {
  const qemu = await startQemu(t, "-device", "ide-cd,id=cd0");
  const bridge = await startBridge(t, "--vm", `vm1=${qemu.socket}`);
  const page = await browser.open(t, bridge.link, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.is("running");
  return page;
}

function treeOf(page, command) {
  return page.commands(command).getByRole("tree", { name: "Reply" });
}

function focused(page) {
  return page.tab.evaluate(() => document.activeElement.innerText);
}
