// The contract of the JavaScript API, docs/js-api.md: the same cases, one by one, against every server that the client is
// made for, in a real browser, over networks that fail. What a server lacks is said, not left out.

import { after, before, describe, test } from "node:test";
import { BACKENDS } from "./contract/backends.mjs";
import { CASES } from "./contract/cases.js";
import { Browser } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

describe("the contract", { concurrency: 3 }, () => {
  for (const { name, capabilities, lacks, start } of BACKENDS) {
    test(name, async (t) => {
      const { tab, proxy, place } = await start(t, browser);
      await tab.exposeFunction("network", (verb, options) => {
        if (verb !== "reset") return proxy[verb](options);
        for (const step of ["up", "resume", "cut"]) proxy[step]();
      });
      await tab.evaluate(async () => (globalThis.contract = await import("/contract/page.js")));
      for (const { name, needs = [] } of CASES) {
        const lacking = needs.find((need) => lacks[need]);
        const skip = lacking && `no ${lacking}: ${lacks[lacking]}`;
        await t.test(name, { skip }, () => tab.evaluate((given) => contract.run(...given), [name, place, capabilities]));
      }
    });
  }
});
