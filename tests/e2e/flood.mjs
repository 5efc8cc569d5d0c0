// A flood of events, and what it does to the page: for the test of it, and for the benchmark.

const PORTIONS = 20;

/** Tells `rate` events a second for so many seconds, by a scripted monitor; a command is executed in the midst of them. Gives how
 *  many were told once the page shows the last, what the main thread did without a break, and how long the command took. */
export async function flood(page, script, { seconds, rate }) {
  await page.tab.evaluate(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((found) => {
      for (const { duration } of found.getEntries()) longTasks.push(Math.round(duration));
    }).observe({ type: "longtask" });
  });
  let sent = 0;
  let answered;
  const begun = performance.now();
  // In portions, at the pace that is asked for.
  for (let portion = 1; portion <= seconds * PORTIONS; portion += 1) {
    const event = () => ({ event: `FLOOD_${sent % 300}`, data: { n: (sent += 1), text: "x".repeat(40) } });
    await script.flood(Array.from({ length: rate / PORTIONS }, event));
    await page.tab.waitForTimeout(Math.max(0, begun + (portion * 1000) / PORTIONS - performance.now()));
    if (portion === Math.ceil((seconds * PORTIONS) / 2)) answered = answer(page);
  }
  const command = await answered;
  const took = performance.now() - begun;
  await page.tab.getByText(String(sent), { exact: true }).waitFor();
  await page.events(`"n": ${sent}`).waitFor();
  const tasks = await page.tab.evaluate(() => longTasks.sort((a, b) => b - a));
  return { sent, took, command, tasks };
}

/** How many milliseconds it takes until a command that is typed now is seen to be answered. */
async function answer(page) {
  const begun = performance.now();
  await page.run("query-status");
  await page.commands("query-status").getByText('"running"').waitFor();
  return performance.now() - begun;
}
