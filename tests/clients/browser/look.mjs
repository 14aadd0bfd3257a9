// Opens a page of armtape in Chromium, as a user would, and prints what it saw as one JSON object.
//
//   look.mjs check FILE                    accessibility in light and dark, requests, scripts that ran
//   look.mjs walk FILE WALK                steps of a user; WALK is JSON, a list of steps
//   look.mjs picture FILE OUT SCHEME [HASH] [HEIGHT]
//
// CHROMIUM is the browser to start.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

const [task, file, ...rest] = process.argv.slice(2);
const url = pathToFileURL(file).href;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// The sandbox of Chromium does not start for root.
const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args });

// What a page must not do: ask for anything, run anything, complain.
const opened = async (hash = "", options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const seen = { requests: [], errors: [], dialogs: [] };
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== url) seen.requests.push(request.url());
  });
  page.on("console", (message) => seen.errors.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => seen.errors.push(error.message));
  page.on("dialog", (dialog) => {
    seen.dialogs.push(dialog.message());
    dialog.dismiss();
  });
  await page.goto(url + hash);
  return { page, seen };
};

const audited = async (page) => {
  // Folded text is text, too.
  await page.evaluate(() => {
    for (const details of [...document.querySelectorAll("details")].slice(0, 40)) details.open = true;
  });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`);
};

const check = async () => {
  const result = { violations: {}, requests: [], errors: [], dialogs: [] };
  const looks = [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["narrow", { colorScheme: "light", viewport: { width: 390, height: 800 } }],
    ["no script", { colorScheme: "light", javaScriptEnabled: false }],
  ];
  for (const [name, options] of looks) {
    const { page, seen } = await opened("", options);
    if (options.javaScriptEnabled !== false) result.violations[name] = await audited(page);
    result[`${name} overflows`] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth > 0);
    result[`${name} filters`] = await page.locator("#filters").isVisible();
    for (const key of ["requests", "errors", "dialogs"]) result[key].push(...seen[key]);
    // What recorded text would leave behind, had it run.
    result.ran = (result.ran || false) || (await page.evaluate(() => "ran" in globalThis));
    await page.context().close();
  }
  return result;
};

const looks = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    const inView = (element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    };
    return {
      entries: document.querySelectorAll(".entry").length,
      shown: [...document.querySelectorAll(".entry")].filter((entry) => entry.checkVisibility()).length,
      listed: [...document.querySelectorAll(".index tbody tr")].filter((row) => row.checkVisibility()).length,
      said: document.querySelector("#filters output")?.textContent ?? null,
      hash: location.hash,
      focus: at && { id: at.id, name: at.localName, class: at.className, text: at.textContent.slice(0, 80), seen: inView(at), visible: at.checkVisibility() },
      outline: at && getComputedStyle(at).outlineStyle,
      open: document.querySelectorAll("details[open]").length,
    };
  });

const walk = async (steps) => {
  let { page, seen } = await opened();
  const result = [];
  for (const [what, ...words] of steps) {
    if (what === "open") {
      await page.context().close();
      const again = await opened(words[0]);
      [page, seen.errors] = [again.page, [...seen.errors, ...again.seen.errors]];
    } else if (what === "hash") {
      await page.evaluate((hash) => (location.hash = hash), words[0]);
    } else if (what === "click") {
      await page.locator(words[0]).first().click();
    } else if (what === "fill") {
      await page.locator(words[0]).fill(words[1]);
    } else if (what === "select") {
      await page.locator(words[0]).selectOption(words[1]);
    } else if (what === "press") {
      await page.keyboard.press(words[0]);
    } else {
      throw new Error(`no such step: ${what}`);
    }
    await page.waitForTimeout(50);
    result.push(await looks(page));
  }
  return { steps: result, ...seen };
};

const picture = async (out, colorScheme, hash = "", height = "900") => {
  const { page } = await opened("", { colorScheme, viewport: { width: 1120, height: Number(height) } });
  if (hash) {
    await page.locator(hash).scrollIntoViewIfNeeded();
    await page.evaluate((name) => scrollTo(0, document.querySelector(name).getBoundingClientRect().top + scrollY - 60), hash);
  }
  await page.screenshot({ path: out });
  return {};
};

try {
  const result = task === "check" ? await check() : task === "walk" ? await walk(JSON.parse(rest[0])) : await picture(...rest);
  console.log(JSON.stringify(result));
} finally {
  await browser.close();
}
