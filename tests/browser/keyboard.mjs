// Everything of a finance person's day by keyboard alone.
import assert from "node:assert/strict";
import { base, demo, open } from "./browser.mjs";

const { browser, page } = await open();
const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
const focused = () => page.evaluate(() => (document.activeElement?.getAttribute("aria-label") || document.activeElement?.textContent || "").trim());

/** Press Tab until a name has the focus; everything on the way must show that it has it. */
async function tabTo(name, most = 60) {
  for (let step = 0; step < most; step++) {
    await press("Tab");
    const seen = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      // The parts of a date field show it inside, out of sight of a script.
      return document.activeElement === document.body || document.activeElement.type === "date" || style.outlineStyle !== "none" || style.boxShadow !== "none";
    });
    assert.ok(seen, `no focus is visible on ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200))}`);
    if ((await focused()).startsWith(name)) return;
  }
  throw new Error(`Tab does not reach ${name}; it stops at ${await focused()}`);
}

await page.goto(`${base}/`);
await page.getByLabel("API key").waitFor();
await page.keyboard.type(demo.apiKey); // the field has the focus already
await press("Enter");
await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();

// The skip link comes first and leads into the view.
await page.evaluate(() => document.activeElement?.blur());
await press("Tab");
assert.equal(await focused(), "Skip to the content");
await press("Enter");
assert.equal(await page.evaluate(() => document.activeElement.id), "main");

await page.evaluate(() => document.activeElement?.blur());
await tabTo("Invoices");
await press("Enter");
await page.getByRole("heading", { level: 1, name: "Invoices" }).waitFor();
assert.equal(await focused(), "Invoices", "the heading of a new view has the focus");
assert.match(await page.title(), /^Invoices/);

// A chip, the search, a row.
await tabTo("Paid");
await press("Enter");
await page.waitForFunction(() => location.search.includes("PAID"));
await page.waitForFunction(() => document.querySelector("tbody [data-state]") && !document.querySelector("tbody [data-state]:not([data-state=PAID])"));
const first = await page.locator("tbody tr.link a").first().textContent();
await tabTo(first.trim().slice(0, 6));
await press("Enter");
await page.getByRole("heading", { level: 1, name: /^(Invoice|Credit note) / }).waitFor();

// Tabs by arrows, a dialog that Escape closes and that gives the focus back.
await tabTo("Time line");
await press("ArrowRight");
await page.getByRole("tab", { name: "Where each value comes from", selected: true }).waitFor();
await page.goto(`${base}/runs`);
await page.getByRole("heading", { level: 1, name: "Sync runs" }).waitFor();
await tabTo("Sync now");
await press("Enter");
await page.getByRole("dialog", { name: "Sync now" }).waitFor();
await press("Escape");
await page.getByRole("dialog").waitFor({ state: "detached" });
assert.equal(await focused(), "Sync now");
await browser.close();
