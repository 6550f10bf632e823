// A reader is offered nothing that changes anything, is refused when forced, and can sign out.
import assert from "node:assert/strict";
import { ask, base, demo, open, signIn } from "./browser.mjs";

const { browser, context, page } = await open();
await page.goto(`${base}/`);
await page.getByLabel("API key").fill("sgw_nonsense");
await page.getByRole("button", { name: "Sign in" }).click();
await page.getByRole("alert").getByText("This key is not valid.").waitFor();

await signIn(page, demo.readOnlyKey);
await page.getByText("Viewer").waitFor();
assert.equal(await page.getByRole("button", { name: "Sync now" }).count(), 0);
assert.equal(await page.getByRole("link", { name: "API keys" }).count(), 0);
const { invoices } = await ask("{ invoices(first: 1) { nodes { id } } }");
for (const [path, name] of [["/invoices", "Plan a retry"], [`/invoices/${invoices.nodes[0].id}`, "Retry"], ["/webhooks", /Hold back|Replay/], ["/settings", /Pause|Save/]]) {
  await page.goto(base + path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.equal(await page.getByRole("button", { name }).count(), 0, `${path} offers ${name}`);
}

// The cookie is out of reach of scripts and of other sites.
const [cookie] = await context.cookies();
assert.equal(cookie.httpOnly, true);
assert.equal(cookie.sameSite, "Strict");
assert.ok(!cookie.value.includes(demo.readOnlyKey.split("_")[2]));
assert.equal(await page.evaluate(() => document.cookie), "");

const forced = await page.evaluate(async (id) => {
  const query = "mutation($id:ID!){startSync(input:{integrationId:$id}){run{id}}}";
  const answer = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query, variables: { id } }) });
  return answer.json();
}, demo.integrationId);
assert.equal(forced.errors[0].extensions.code, "FORBIDDEN");

// Another language, the dark look, and out.
await page.goto(`${base}/`);
await page.getByLabel("Language").selectOption("fi");
await page.getByRole("heading", { level: 1, name: "Yleiskatsaus" }).waitFor();
assert.equal(await page.evaluate(() => document.documentElement.lang), "fi");
await page.getByLabel("Kieli").selectOption("en");
await page.getByRole("button", { name: "Switch to dark" }).click();
assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
await page.getByRole("button", { name: "Sign out" }).click();
await page.getByLabel("API key").waitFor();
await context.addCookies([cookie]);
await new Promise((done) => setTimeout(done, 2200));
await page.goto(`${base}/invoices`);
await page.getByLabel("API key").waitFor(); // a copied cookie of an ended session opens nothing
await browser.close();
