// A conflict is resolved, a webhook replayed, and a hostile name is shown as the text that it is.
import assert from "node:assert/strict";
import { ask, base, control, demo, open, signIn, until } from "./browser.mjs";

const HOSTILE = `<img src=x onerror="window.hacked=1">"'</script>`;
const { customers } = await ask("{ customers(first: 20, filter: { syncStates: [IN_SYNC] }) { nodes { id name links { side externalId } } } }");
const both = customers.nodes.filter((one) => one.links.length === 2);
const [torn, hostile] = [both.at(-1), both.at(-2)];
const key = (record, side) => record.links.find((link) => link.side === side).externalId;
await control("/edit", { side: "SEVERA", entity: "customers", id: key(torn, "SEVERA"), fields: { website: "https://one.example" } });
await control("/edit", { side: "FINANCIALS", entity: "customer", id: key(torn, "FINANCIALS"), fields: { mainContact: { web: "https://other.example" } } });
await control("/edit", { side: "SEVERA", entity: "customers", id: key(hostile, "SEVERA"), fields: { notes: HOSTILE } });

const { browser, page, complaints } = await open();
await signIn(page);

// A sync that a person starts brings the conflict to the desk, and the page shows it by itself.
await page.getByRole("link", { name: /^Conflicts/ }).first().click();
await page.getByRole("heading", { level: 1, name: "Conflicts" }).waitFor();
await ask("mutation($id:ID!){startSync(input:{integrationId:$id}){run{id}}}", { id: demo.integrationId });
const card = page.getByRole("region", { name: new RegExp(`^${torn.name}.*Website`) });
await card.getByText("https://other.example").waitFor({ timeout: 40_000 });
await card.getByRole("button", { name: "Keep the value of Severa" }).click();
await page.getByText("The choice is carried out by the next sync.").waitFor();
await ask("mutation($id:ID!){startSync(input:{integrationId:$id}){run{id}}}", { id: demo.integrationId });
await card.waitFor({ state: "detached", timeout: 40_000 });
const resolved = await until(async () => {
  const { customer } = await ask("query($id:ID!){customer(id:$id){website sync{state}}}", { id: torn.id });
  return customer.sync.state !== "CONFLICT" && customer;
}, { what: "the value of Severa" });
assert.equal(resolved.website, "https://one.example");

// The hostile text.
await page.goto(`${base}/customers/${hostile.id}`);
await page.getByText(HOSTILE).first().waitFor({ timeout: 30_000 });
assert.equal(await page.evaluate(() => window.hacked), undefined);

// A webhook is handled again.
await page.goto(`${base}/webhooks`);
await page.getByRole("checkbox").first().check();
await page.getByRole("button", { name: "Replay 1" }).click();
await page.getByText("It is handled again.").waitFor();

// What is shown can be taken along.
await page.goto(`${base}/invoices?states=PAID`);
await page.locator("tbody [data-state=PAID]").first().waitFor();
const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export CSV" }).click()]);
const text = (await import("node:fs")).readFileSync(await file.path(), "utf8");
const { invoices } = await ask("{ invoices(filter: { states: [PAID] }, first: 1) { totalCount } }");
assert.equal(text.trim().split("\r\n").length, invoices.totalCount + 1);

// A plan for a retry says what would happen before anything does.
const { failed } = await ask("{ failed: invoices(filter: { states: [FAILED, ORPHANED, UNCERTAIN, WAITING] }, first: 1) { totalCount } }");
await page.getByRole("button", { name: "All" }).click();
await page.getByRole("button", { name: "Plan a retry" }).click();
const dialog = page.getByRole("dialog", { name: "Retry invoices" });
if (failed.totalCount === 0) await dialog.getByText("No invoice of this list needs a retry").waitFor({ timeout: 30_000 });
else {
  // Nobody has corrected them, so each would fail again, and the button offers nothing.
  await dialog.getByText("will fail again").first().waitFor({ timeout: 30_000 });
  assert.equal(await dialog.getByRole("button", { name: /^Retry/ }).isDisabled(), true);
}
await page.keyboard.press("Escape");

assert.deepEqual(complaints.filter((one) => !one.includes("401")), []);
await browser.close();
