// Opens the installed Chromium on a running demo; every script of this folder starts here.
import { existsSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const demo = JSON.parse(readFileSync(process.env.DEMO_FILE, "utf8"));
export const base = demo.dashboardUrl.replace(/\/$/, "");

/** Open a page; whatever the page complains about in its console is collected. */
export async function open({ width = 1440, height = 900, dark = false, language = "en" } = {}) {
  const path = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((one) => existsSync(one));
  const browser = await chromium.launch({ executablePath: path, args: FLAGS });
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    locale: { en: "en-GB", fi: "fi-FI", sv: "sv-SE", nb: "nb-NO" }[language],
    timezoneId: "Europe/Oslo",
    reducedMotion: "reduce",
    deviceScaleFactor: 1,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  const outside = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith("data:") && !url.startsWith("blob:")) outside.push(url);
  });
  return { browser, context, page, complaints, outside };
}

/** Come in by the door, as a person does. */
export async function signIn(page, key = demo.apiKey) {
  await page.goto(`${base}/`);
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}

export async function ask(query, variables = {}) {
  const answer = await fetch(demo.graphqlUrl, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${demo.apiKey}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Turn something in the sandbox, or do what a person does there. */
export async function control(path, body = {}) {
  const answer = await fetch(`${demo.sandboxUrl}/control${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

export async function until(check, { seconds = 30, every = 200, what = "" } = {}) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`It did not come in ${seconds} s: ${what}`);
    await new Promise((done) => setTimeout(done, every));
  }
}
