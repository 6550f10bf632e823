// Every view, light and dark, wide and on a phone: axe-core finds nothing serious, nothing scrolls
// sideways, nothing is loaded from outside. With SHOTS set, pictures are written there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { ask, base, demo, open, signIn } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const found = await ask(`{
  invoices(first: 1, filter: { states: [PAID] }) { nodes { id } }
  failed: invoices(first: 1, filter: { states: [FAILED] }) { nodes { id } }
  customers(first: 1) { nodes { id } }
  products(first: 1) { nodes { id } }
  projects(first: 1) { nodes { id } }
  syncRuns(first: 1) { nodes { id } }
}`);
const id = (list) => list.nodes[0]?.id;
const VIEWS = {
  overview: "/",
  invoices: "/invoices",
  invoice: `/invoices/${id(found.failed) ?? id(found.invoices)}`,
  issues: "/issues",
  "issues-all": "/issues?tab=all",
  conflicts: "/conflicts",
  customers: "/customers",
  customer: `/customers/${id(found.customers)}`,
  products: "/products",
  product: `/products/${id(found.products)}`,
  projects: "/projects",
  project: `/projects/${id(found.projects)}`,
  payments: "/payments",
  costs: "/costs",
  reconciliation: "/reconciliation",
  numbers: "/numbers",
  runs: "/runs",
  run: `/runs/${id(found.syncRuns)}`,
  webhooks: "/webhooks",
  "webhooks-dead": "/webhooks?tab=dead",
  "webhooks-out": "/webhooks?tab=out",
  settings: "/settings",
  statuses: "/settings?tab=roles",
  checks: "/settings?tab=checks",
  plan: "/settings?tab=plan",
  keys: "/keys",
  log: "/log",
  "log-people": "/log?tab=people",
  setup: "/setup?new=1",
};
const MODES = [
  { name: "wide-light", width: 1440, height: 900, dark: false },
  { name: "phone-dark", width: 390, height: 844, dark: true },
  ...(process.env.SHOTS
    ? [
        { name: "wide-dark", width: 1440, height: 900, dark: true },
        { name: "phone-light", width: 390, height: 844, dark: false },
      ]
    : []),
];

const wrong = [];
await Promise.all(MODES.map(walk));
assert.deepEqual(wrong, [], wrong.join("\n"));

async function walk(mode) {
  const { browser, page, complaints, outside } = await open(mode);
  await page.goto(`${base}/`);
  await page.getByLabel("API key").waitFor();
  await look("door");
  await signIn(page);
  for (const [name, path] of Object.entries(VIEWS)) {
    await page.goto(base + path);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await page
      .waitForFunction(() => ![...document.querySelectorAll("main [role=status], main .loading-row")].some((one) => one.textContent.startsWith("Loading")))
      .catch(() => wrong.push(`${name} ${mode.name}: it goes on loading`));
    if (name === "overview") await page.locator(".chart canvas").first().waitFor();
    await look(name);
  }
  for (const text of complaints) if (!text.includes("401")) wrong.push(`${mode.name}: ${text}`);
  for (const url of outside) wrong.push(`${mode.name}: loads ${url}`);
  await browser.close();

  async function look(name) {
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}-${mode.name}.png` });
    await page.evaluate(axe);
    const result = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
    for (const one of result.violations)
      if (one.impact === "serious" || one.impact === "critical")
        wrong.push(`${name} ${mode.name}: ${one.id} ${one.help}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary?.split("\n").at(-1)}`).join(" | ")}`);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wider > 0) wrong.push(`${name} ${mode.name}: the page is ${wider} pixels too wide`);
  }
}
