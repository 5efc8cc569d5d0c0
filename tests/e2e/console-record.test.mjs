// Sessions that are saved and looked at again, without a machine.

import assert from "node:assert/strict";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { redact, returnsSecret } from "../../src/js/redact.js";
import { parse } from "../../src/js/json.js";
import { Browser, atEnd, eventually, startBridge, startQemu } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const ROOT = path.resolve(import.meta.dirname, "../..");
const HEADER = '{"format":"qmp-web-trace","version":1,"start":1760000000000,"dropped":0}\n';

async function folder(t) {
  const made = await mkdtemp(path.join(tmpdir(), "qmp-record-"));
  atEnd(t, () => rm(made, { recursive: true }));
  return made;
}

/** Saves the session of a page; gives the file. */
async function save(t, page) {
  await page.tab.getByRole("tab", { name: "In flight" }).click();
  const [download] = await Promise.all([page.tab.waitForEvent("download"), page.press("Save record")]);
  assert.match(download.suggestedFilename(), /^qmp-.*\.ndjson$/);
  const file = path.join(await folder(t), download.suggestedFilename());
  await download.saveAs(file);
  return file;
}

/** A page that knows no machine: the bridge reaches none, and the page has no token. */
async function openRecords(t, fragment = "#record", options) {
  const bridge = await startBridge(t, "--vm", "none=/nonexistent/qmp.sock");
  const page = await browser.open(t, new URL(fragment, bridge.link), options);
  await page.connectionIs("recorded");
  return page;
}

const choose = (page, file) => page.tab.getByLabel("Choose a file").setInputFiles(file);
const rows = (page, text) => page.tab.getByRole("grid", { name: "Commands over time" }).getByRole("row").filter({ hasText: text });

/** What the page shows of commands and events. */
async function shown(page) {
  const open = async (name) => {
    await page.tab.getByRole("tab", { name }).click();
    await page.tab.getByRole("tabpanel", { name }).waitFor();
  };
  await open("Commands");
  const texts = (name) => page.tab.getByRole("list", { name }).getByRole("listitem").allInnerTexts();
  const [commands, events] = [await texts("Commands, newest first"), await texts("Events, newest first")];
  await open("In flight");
  await page.tab.getByRole("combobox", { name: "Whose commands" }).selectOption("Everybody’s");
  await page.tab.locator("#flight-rows [role=row]").filter({ hasText: "page" }).first().waitFor();
  const flights = await page.tab.locator("#flight-rows [role=row]").allInnerTexts();
  return { commands, events, flights };
}

test("a session of a real QEMU is the same again, without a machine", async (t) => {
  const qemu = await startQemu(t);
  const bridge = await startBridge(t, "--vm", `vm1=${qemu.socket}`);
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.run('object-add {"qom-type": "iothread", "id": "io", "poll-max-ns": 9007199254740993}');
  for (const line of ["stop", "frobnicate", '{"exec-oob": "query-yank"}', "query-qmp-schema"]) await page.run(line);
  await page.is("paused");
  await page.commands("query-qmp-schema").getByText("meta-type").first().waitFor();
  await page.events("STOP").waitFor();
  // The page's own question after the event is answered, too.
  await page.run("query-name");
  await page.commands("query-name").getByText("{}").waitFor();
  const live = await shown(page);
  const file = await save(t, page);
  const token = new URLSearchParams(bridge.link.hash.slice(1)).get("token");
  const text = await readFile(file, "utf8");
  assert.ok(!text.includes(token));

  const other = await openRecords(t, "#record", { expected: [/401/] });
  const sockets = [];
  other.tab.on("websocket", (socket) => sockets.push(socket.url()));
  await choose(other, file);
  await other.tab.getByRole("region", { name: "Recorded session" }).getByText("read-only").waitFor();
  await other.is("paused");
  await other.sees("async, oob");
  await rows(other, "query-qmp-schema").waitFor();
  await eventually(async () => assert.deepEqual(await shown(other), live));
  await other.screenshot("recorded");

  // What a record does not have is said, and not waited for.
  await other.sees("A record has no pictures of the screen.");
  await other.tab.getByRole("tab", { name: "Charts" }).click();
  await other.tab.getByText("A record has no measurements.").waitFor();
  await other.tab.getByRole("tab", { name: "Jobs" }).click();
  await other.tab.getByText("Jobs are not made out of a record.").waitFor();
  assert.match(await other.tab.evaluate(() => vm.then(String, (error) => error.message)), /This is a record/);

  // Nothing can be done to anybody.
  await other.tab.getByRole("tab", { name: "Commands" }).click();
  await eventually(async () => assert.equal(await other.input.isEditable(), false));
  for (const name of ["Pause", "Resume"]) {
    await eventually(async () => assert.equal(await other.tab.getByRole("group", { name: "Run" }).getByRole("button", { name }).getAttribute("aria-disabled"), "true"));
  }
  assert.deepEqual(sockets, []);
  // It can be saved again, and is the same.
  await eventually(async () => assert.equal(await readFile(await save(t, other), "utf8"), text));

  await other.tab.getByRole("region", { name: "Recorded session" }).getByRole("link", { name: "Back to the machines" }).click();
  await other.connectionIs("token needed");
}, { timeout: 120_000 });

test("the file is a trace as the client makes it", async (t) => {
  const bridge = await startBridge(t, "--demo");
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.run("stop");
  await page.is("paused");
  await page.run("query-name");
  await page.commands("query-name").getByText("demo machine").waitFor();
  const text = await readFile(await save(t, page), "utf8");
  assert.ok(text.endsWith("}\n"));
  const [header, ...entries] = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual([header.format, header.version, header.dropped, header.machine], ["qmp-web-trace", 1, 0, "demo"]);
  assert.equal(typeof header.qemu.major, "number");
  assert.equal(header.start, entries[0].time);
  assert.ok(Math.abs(header.start - Date.now()) < 600_000);
  assert.ok(entries.every(({ time }, i) => i === 0 || time >= entries[i - 1].time));
  const at = (wanted) => entries.findIndex(wanted);
  assert.equal(at(({ message }) => message?.QMP), 0);
  const sent = entries.find(({ kind, command }) => kind === "sent" && command === "stop");
  assert.deepEqual(Object.keys(sent.message), ["execute", "id"]);
  const reply = at(({ kind, message }) => kind === "received" && message.id === sent.message.id);
  assert.deepEqual(entries[reply].message.return, {});
  assert.ok(at(({ message }) => message?.event === "STOP") < reply);
  assert.ok(entries.some(({ kind, state }) => kind === "state" && state === "live"));
  assert.ok(entries.some(({ command, origin }) => command === "query-status" && origin === "console"));
});

test("secrets are not in the file", async (t) => {
  const qemu = await startQemu(t);
  const bridge = await startBridge(t, "--vm", `vm1=${qemu.socket}`);
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.run('object-add {"qom-type": "secret", "id": "s1", "data": "hunter2-a"}');
  await page.run('qom-get {"path": "/objects/s1", "property": "data"}');
  await page.run('set_password {"protocol": "vnc", "password": "hunter2-b"}');
  await page.run('blockdev-add {"driver": "https", "node-name": "x", "url": "https://user:hunter2-c@127.0.0.1:1/x"}');
  // It was told indeed.
  await page.commands("qom-get").getByText("hunter2-a").waitFor();
  await page.commands("blockdev-add").getByText("GenericError").waitFor();
  const text = await readFile(await save(t, page), "utf8");
  assert.doesNotMatch(text, /hunter2/);
  const names = ["object-add", "qom-get", "set_password", "blockdev-add"];
  for (const name of names) {
    assert.ok(text.split("\n").some((line) => line.includes(`"command":"${name}"`) && line.includes('"redacted":true')), name);
  }
});

test("the client takes the same secrets out", async () => {
  const table = await readFile(path.join(ROOT, "src/console/redaction/messages.ndjson"), "utf8");
  for (const line of table.trimEnd().split("\n")) {
    const { sent, reply, keptSent, keptReply } = parse(line, "always");
    const part = (name, next) => line.slice(line.indexOf(`"${name}":`) + name.length + 3, next ? line.indexOf(`,"${next}":`) : -1);
    const texts = [part("sent", "reply"), part("reply", "keptSent")];
    const [given, returned] = texts.map((text) => JSON.parse(text));
    const secretReturn = returnsSecret(given.execute, given.arguments);
    const kept = redact(texts[0], given, {});
    const keptBack = redact(texts[1], returned, { secretReturn, secretDesc: kept.redacted });
    assert.ok(sent && reply);
    assert.deepEqual(parse(kept.text, "always"), keptSent);
    assert.deepEqual(parse(keptBack.text, "always"), keptReply);
  }
});

test("what is no recorded session is told in words", async (t) => {
  const page = await openRecords(t);
  const made = await folder(t);
  const file = path.join(made, "x.ndjson");
  const line = (text) => `${HEADER}${text}\n`;
  for (const [text, words] of [
    ["", "The file is empty."],
    ["<!doctype html><p>hello", "This is no recorded session"],
    ["\u0000\u0001\u0002", "This is no recorded session"],
    [HEADER.replace('"version":1', '"version":2'), "saved in version 2"],
    [HEADER, "No message is in this session."],
    [line("nonsense"), "Line 2 is wrong: it is not JSON."],
    [line('{"time":1,"kind":"received","message":{"x":1}}'), "Line 2 is wrong: what was received is no message of QMP."],
    [`${HEADER}{"time":1,"kind":"sent","comm`, "The file is cut off in line 2"],
  ]) {
    await writeFile(file, text);
    await choose(page, file);
    await page.tab.getByRole("alert").getByText(words).waitFor();
    await page.tab.getByRole("heading", { name: "Look at a recorded session" }).waitFor();
  }
  const great = await open(file, "w");
  await great.truncate((64 << 20) + 1);
  await great.close();
  await choose(page, file);
  await page.tab.getByRole("alert").getByText("more than 64 MB").waitFor();

  // And then one that is right.
  await writeFile(file, line('{"time":1760000000001,"kind":"received","message":{"event":"STOP"}}'));
  await choose(page, file);
  await page.events("STOP").waitFor();
});

test("W3: whatever is in a file is text", async (t) => {
  const page = await openRecords(t);
  const evil = '<img src=x onerror="globalThis.hit=1"><script>globalThis.hit=1</script>';
  const text = JSON.stringify(evil);
  const file = path.join(await folder(t), "evil.ndjson");
  await writeFile(
    file,
    [
      HEADER.trim().replace("}", `,"machine":${text},"qemu":{"major":9,"minor":0,"micro":0,"package":${text}}}`),
      `{"time":1,"kind":"sent","message":{"execute":${text},"arguments":{"a":${text}},"id":${text}}}`,
      `{"time":2,"kind":"received","message":{"error":{"class":${text},"desc":${text}},"id":${text}}}`,
      `{"time":3,"kind":"received","message":{"event":${text},"data":{"a":${text}},"timestamp":{"seconds":1,"microseconds":0}}}`,
      `{"time":4,"kind":${text},"state":${text}}`,
      "",
    ].join("\n"),
  );
  await choose(page, file);
  await page.events("onerror").waitFor();
  await rows(page, "onerror").click();
  await page.tab.getByRole("region", { name: evil }).getByLabel("Reply of the command").getByText("onerror").waitFor();
  assert.equal(await page.tab.evaluate(() => globalThis.hit), undefined);
  await page.tab.getByText("1 lines of it are of kinds").waitFor();
});

test("a file is dropped on the page", async (t) => {
  const page = await openRecords(t);
  await page.tab.evaluate((text) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([text], "dropped.ndjson"));
    const fire = (type) => document.body.dispatchEvent(new DragEvent(type, { dataTransfer: dropped, bubbles: true, cancelable: true }));
    if (fire("dragover") || fire("drop")) throw new Error("the browser would leave the page");
  }, `${HEADER}{"time":1760000000001,"kind":"received","message":{"event":"RESUME"}}\n`);
  await page.events("RESUME").waitFor();
  await page.tab.getByRole("region", { name: "Recorded session" }).getByText("dropped.ndjson").waitFor();
});

test("the tour is there without a token, and plays", async (t) => {
  const bridge = await startBridge(t, "--demo");
  const page = await browser.open(t, new URL("/", bridge.link), { expected: [/401/] });
  await page.connectionIs("token needed");
  await page.tab.getByRole("link", { name: "Look at a recorded session" }).click();
  await page.connectionIs("recorded");
  await page.screenshot("record-open");
  await page.tab.getByRole("link", { name: "See commands overtake each other" }).click();
  const strip = page.tab.getByRole("region", { name: "Recorded session" });
  await strip.getByText("overtaking.ndjson").waitFor();
  await page.press("Pause playing");
  await strip.getByRole("button", { name: "Play", exact: true }).waitFor();
  const count = () => page.tab.locator("#flight-rows [role=row]").count();
  const before = await count();
  // Each step is one thing that happened.
  for (let i = 0; i < 30 && (await count()) <= before; i++) {
    await page.press("Step");
    await page.tab.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 30))));
  }
  await eventually(async () => assert.ok((await count()) > before));
  await page.tab.getByRole("combobox", { name: "Speed" }).selectOption("16×");
  await page.press("Play");
  await rows(page, "ms=6000").getByText(/overtaken by #4, /).waitFor();
  // It comes to its end by itself.
  await page.tab.locator("#recorded-all[aria-disabled=true]").waitFor();
  await rows(page, "ms=6000").getByText("6.0 s").waitFor();
  await eventually(async () => assert.equal(await rows(page, "waits").count(), 0));
  await page.screenshot("tour-overtaking");

  await page.press("Another record");
  await page.tab.getByRole("link", { name: "Take the tour" }).click();
  await strip.getByText("tour.ndjson").waitFor();
  await page.press("Show all");
  await rows(page, "device_add").getByText(/^refused/).waitFor();
  await page.events("STOP").waitFor();
  await page.screenshot("tour");
});

test("a name that leads elsewhere is refused, and one that is not there is told", async (t) => {
  for (const [name, words] of [
    ["https://example.org/x.ndjson", "is not the name of a recorded session"],
    ["../x.ndjson", "is not the name of a recorded session"],
    ["none.ndjson", "There is no none.ndjson"],
  ]) {
    const page = await openRecords(t, `#record=${encodeURIComponent(name)}`, { expected: [/404/] });
    await page.tab.getByRole("alert").getByText(words).waitFor();
  }
});

test("a record is opened beside a machine that stays connected", async (t) => {
  const bridge = await startBridge(t, "--demo");
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.tab.getByRole("tab", { name: "In flight" }).click();
  const [other] = await Promise.all([
    page.tab.waitForEvent("popup"),
    page.tab.getByRole("link", { name: "Open a record" }).click(),
  ]);
  await other.getByRole("heading", { name: "Look at a recorded session" }).waitFor();
  await other.getByRole("link", { name: "Back to the machines" }).click();
  // It has the token of the page that it came from.
  await other.getByRole("status", { name: "Run state" }).getByText("running").waitFor();
  await page.connectionIs("live");
});
