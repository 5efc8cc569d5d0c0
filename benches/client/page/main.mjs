// Measures in a page: the contenders take turns, round by round, so that whatever else the machine does meets them all.

import { contenders } from "./contenders.mjs";

/**
 * A list of scenarios: each with its name and, by contender, the nanoseconds that one reply or event took, one a round.
 * The last is how many integers came rounded.
 */
async function measure({ sizes, integers, rounds, warmUps }) {
  const all = await contenders();
  await agree(all, sizes);
  const samples = {};
  for (const { name, run, among, least } of scenarios(sizes)) {
    const some = Object.entries(all).filter(([contender]) => among.test(contender));
    const count = await longEnough(least, (count) => run(all["hand-written, text"], count));
    for (let round = -warmUps; round < rounds; round++) {
      // To and fro, so that nobody always comes after the same one.
      for (const [contender, connections] of round % 2 ? some : some.toReversed()) {
        const nanoseconds = ((await run(connections, count)) * 1e6) / count;
        if (round >= 0) ((samples[name] ??= {})[contender] ??= []).push(nanoseconds);
      }
    }
    await report({ scenario: name });
  }
  samples.integers = {};
  for (const [contender, { direct }] of Object.entries(all).filter(([contender]) => QMP.test(contender))) {
    const values = (await direct("integers")).map(String);
    samples.integers[contender] = [values.filter((integer, place) => integer !== integers[place]).length];
  }
  return Object.entries(samples);
}

function* scenarios(sizes) {
  for (const size of sizes) {
    yield { name: `${size}, handled`, run: (client, count) => handle(client, size, count), among: /./, least: BRIEF };
    yield { name: `${size}, end to end`, run: ({ direct }, count) => endToEnd(direct, size, count), among: /./, least: LONG };
  }
  yield { name: "event", run: ignore, among: QMP, least: BRIEF };
}

/** From the frame to the resolved promise, one after another, without the network. */
async function handle({ keeping, socket }, command, count) {
  const frames = socket.keep(count);
  const replies = Array.from({ length: count }, () => keeping(command));
  const kept = await frames;
  gc({ type: "minor" });
  const begin = performance.now();
  for (let i = 0; i < count; i++) {
    socket.release(kept[i]);
    await replies[i];
    // A page that keeps every reply would be measured for its memory.
    kept[i] = replies[i] = undefined;
  }
  return performance.now() - begin;
}

/** From the first send to the last resolved promise, over the WebSocket. */
async function endToEnd(execute, command, count) {
  gc({ type: "minor" });
  const begin = performance.now();
  await Promise.all(Array.from({ length: count }, () => execute(command).then(() => {})));
  return performance.now() - begin;
}

/** Events to which nobody listens. */
async function ignore({ keeping, socket }, count) {
  const frames = socket.keep(count + 1);
  const reply = keeping("events", { count });
  const kept = await frames;
  gc({ type: "minor" });
  const begin = performance.now();
  for (let i = 0; i < count; i++) {
    socket.release(kept[i]);
    kept[i] = undefined;
  }
  const took = performance.now() - begin;
  socket.release(kept[count]);
  await reply;
  return took;
}

/** How many fill this time; what is collected as garbage should be among it. */
async function longEnough(milliseconds, run) {
  let count = 32;
  while ((await run(count)) < milliseconds) count *= 2;
  return count;
}

/** All give the same value, or there is nothing to compare. */
async function agree(all, sizes) {
  for (const size of sizes) {
    const texts = new Set();
    for (const { direct, keeping } of Object.values(all)) {
      texts.add(JSON.stringify(await direct(size))).add(JSON.stringify(await keeping(size)));
    }
    if (texts.size !== 1) throw new Error(`the contenders do not agree on the reply of ${size}`);
  }
}

async function report(what) {
  await fetch("/report", { method: "POST", body: JSON.stringify(what) });
}

// Those who speak QMP.
const QMP = /^ours|^hand-written/;
// A thousand times what the clock can tell, and less than a system lets anything else run.
const BRIEF = 5;
// The time of the first way there and back should not matter.
const LONG = 80;

try {
  const plan = await (await fetch("/plan.json")).json();
  await report({ result: await measure(plan) });
} catch (e) {
  await report({ error: String(e?.stack ?? e) });
}
