// A finance person finds a failed invoice, sees why, corrects it in Severa, retries, and sees it paid.
import assert from "node:assert/strict";
import { ask, control, demo, open, signIn, until } from "./browser.mjs";

const made = await control("/severa/invoices", { count: 3, mismatched: 3 });
const [guid, second, third] = made.invoices;
const find = async (guid) => (await ask("query($ids:[String!]){invoices(filter:{severaIds:$ids}){nodes{id number state orderNumber rows{vatPercent expectedVatPercent}}}}", { ids: [guid] })).invoices.nodes[0];
const refused = (guid) =>
  until(async () => {
    const found = await find(guid);
    return found?.state === "FAILED" && found;
  }, { what: "the refusal" });
const failed = await refused(guid);

const { browser, page, complaints, outside } = await open();
await signIn(page);
await page.evaluate(() => (window.neverReloaded = true));

// Money that failed is on the overview, and leads to the list.
await page.getByRole("link", { name: /^Failed .*invoice/ }).click();
await page.getByRole("heading", { level: 1, name: "Invoices" }).waitFor();
await page.getByRole("searchbox").fill(failed.orderNumber);
const row = page.getByRole("row", { name: /No number yet/ });
await until(async () => (await row.count()) === 1, { what: "the one row" });
await row.first().getByRole("link", { name: /No number yet/ }).click();

// Why, in words, and what helps.
const why = page.getByTestId("why");
await why.getByText(/Financials would use/).first().waitFor();
await why.getByText("What helps:").first().waitFor();
await page.getByText(/VAT differs by/).waitFor();
await page.getByText("Set the failed status in Severa").first().waitFor();

// A person corrects the VAT percentages in Severa.
const severa = async (method, path, body) => {
  const headers = { "content-type": "application/json", client_id: demo.severa.clientId };
  if (severa.token) headers.authorization = `Bearer ${severa.token}`;
  for (;;) {
    const answer = await fetch(`${demo.severa.baseUrl}/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    if (answer.status !== 429) {
      assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
      return answer.json();
    }
    await new Promise((done) => setTimeout(done, 400));
  }
};
severa.token = (await severa("POST", "/token", { client_id: demo.severa.clientId, client_secret: demo.severa.clientSecret })).access_token;
const correct = async (guid, seen) => {
  const rows = (await severa("GET", `/invoices/${guid}/invoicerows`)).sort((one, other) => one.sortOrder - other.sortOrder);
  for (const [index, view] of seen.rows.entries())
    if (Number(view.vatPercent) !== Number(view.expectedVatPercent))
      await severa("PATCH", `/invoicerows/${rows[index].guid}`, [{ op: "replace", path: "/vatRate", value: Number(view.expectedVatPercent) }]);
};
await correct(guid, failed);

// Retry, and watch it get its number.
await page.getByRole("button", { name: "Retry" }).click();
await page.getByText("The retry is under way.").waitFor();
const head = page.locator(".head");
await head.locator('[data-state="NUMBERED"]').waitFor({ timeout: 30_000 });
const numbered = await until(async () => {
  const found = await find(guid);
  return found.number && found;
}, { what: "the number" });
await page.getByRole("heading", { level: 1, name: `Invoice ${numbered.number}` }).waitFor();

// The customer pays in Visma.net, and the page shows it.
await control("/financials/pay", { referenceNumber: numbered.number });
await head.locator('[data-state="PAID"]').waitFor({ timeout: 30_000 });
await page.getByRole("heading", { name: "Payments" }).waitFor();
assert.equal(await page.evaluate(() => window.neverReloaded), true, "the page was loaded again");

// Of two more, one is corrected: the plan says which will go, and each gets its result.
await correct(second, await refused(second));
const left = await refused(third);
await page.getByRole("link", { name: /^Invoices/ }).first().click();
await page.getByRole("button", { name: "Failed", exact: true }).click();
await page.getByRole("button", { name: "Plan a retry" }).click();
const plan = page.getByRole("dialog", { name: "Retry invoices" });
await plan.getByRole("row", { name: new RegExp(`${left.orderNumber}.*Refuse`) }).waitFor({ timeout: 30_000 });
await plan.getByRole("button", { name: "Retry 1" }).click();
await plan.getByText("Every invoice was tried.").waitFor({ timeout: 40_000 });
await until(async () => (await find(second)).number, { what: "the second number" });
await plan.getByRole("button", { name: "Close" }).last().click();

assert.deepEqual(outside, [], "an outside address was loaded");
assert.deepEqual(complaints.filter((text) => !text.includes("401")), []);
await browser.close();
