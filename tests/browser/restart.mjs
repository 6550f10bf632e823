// The gateway restarts under an open page: the page says so, connects again and catches up.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ask, control, demo, open, signIn, until } from "./browser.mjs";

const { browser, page } = await open();
await signIn(page);
await page.getByRole("link", { name: /^Invoices/ }).first().click();
await page.locator(".side [data-live=live]").waitFor();
await page.locator("tbody tr.link").first().waitFor();
await page.evaluate(() => (window.neverReloaded = true));
const before = (await ask("{ invoices(first: 1) { totalCount } }")).invoices.totalCount;

const pid = JSON.parse(readFileSync(process.env.DEMO_FILE, "utf8")).pids.gateway;
process.kill(pid, "SIGKILL");
await page.locator(".side [data-live=lost]").waitFor();
const made = await control("/severa/invoices", { count: 1 });
await page.locator(".side [data-live=live]").waitFor({ timeout: 40_000 });
assert.notEqual(JSON.parse(readFileSync(process.env.DEMO_FILE, "utf8")).pids.gateway, pid);

// What happened meanwhile, and what happens now, arrives without a reload.
await ask("mutation($id:ID!){startSync(input:{integrationId:$id}){run{id}}}", { id: demo.integrationId });
const number = await until(async () => {
  const { invoices } = await ask("query($ids:[String!]){invoices(filter:{severaIds:$ids}){nodes{number state}}}", { ids: made.invoices });
  return invoices.nodes[0]?.state === "NUMBERED" && invoices.nodes[0].number;
}, { seconds: 60, what: "the number" });
await page.getByRole("row", { name: new RegExp(number) }).waitFor();
const sums = page.getByTestId("sums");
await until(async () => (await sums.textContent()).startsWith(`${before + 1} `), { what: "the new count" });
assert.equal(await page.evaluate(() => window.neverReloaded), true);
await browser.close();
