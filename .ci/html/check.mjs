// Looks at pages in Chromium: at phone and desk width, on light and dark, with
// axe-core. Prints what is wrong and ends with 1 if something is.
//
//   node check.mjs [--screenshots FOLDER] PAGE.html...
import { createRequire } from "node:module";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pages = process.argv.slice(2);
let screenshots;
if (pages[0] === "--screenshots") [, screenshots] = pages.splice(0, 2);
if (pages.length === 0) {
  console.error("no page is named; expected node check.mjs PAGE.html...");
  process.exit(2);
}

const faults = [];
const profile = await mkdtemp(join(tmpdir(), "chromium-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  bypassCSP: true, // axe is a script, and the page allows none
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  for (const file of pages) {
    const page = await context.newPage();
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    const url = pathToFileURL(resolve(file)).href;
    for (const [width, height] of [[390, 844], [1280, 900]]) {
      for (const colorScheme of ["light", "dark"]) {
        const name = `${basename(file)} at ${width} px, ${colorScheme}`;
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.goto(url);
        await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (over > 0) faults.push(`${name}: the page is ${over} px wider than the window`);
        const paper = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).map(Number)[0]);
        if ((paper < 128) !== (colorScheme === "dark")) faults.push(`${name}: the paper has another colour scheme`);
        await page.evaluate(axe);
        const { violations, passes } = await page.evaluate(() =>
          axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] }));
        if (passes.length === 0) faults.push(`${name}: axe looked at nothing`);
        for (const v of violations) {
          const where = v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")} ${n.failureSummary?.replace(/\s+/g, " ") ?? ""}`).join("\n    ");
          const line = `${name}: ${v.impact} ${v.id}: ${v.help} (${v.nodes.length})\n    ${where}`;
          if (v.impact === "serious" || v.impact === "critical") faults.push(line);
          else console.log(line);
        }
        if (screenshots) await page.screenshot({ path: join(screenshots, `${basename(file, ".html")}-${width}-${colorScheme}.png`), fullPage: true });
      }
    }
    const outside = asked.filter((u) => u !== url);
    if (outside.length > 0) faults.push(`${basename(file)}: asks for ${outside.join(", ")}`);
    await page.close();
  }
} finally {
  await context.close();
  await rm(profile, { recursive: true, force: true });
}
for (const fault of faults) console.error(fault);
console.log(`${pages.length} pages, ${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
