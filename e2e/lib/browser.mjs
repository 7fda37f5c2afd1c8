// A phone-sized Chromium page, with a camera that shows a test picture and nothing that reaches outside.

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const candidates = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts the browser that the machine has. */
export async function startBrowser() {
  const executablePath = candidates.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("no Chromium found: run `make setup-test`, or set CHROMIUM to its path");
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
    ],
  });
}

/** A page at an official's desk, 1440 wide, in Chinese, that fails the test on any script error. */
export async function openDesk(browser, baseURL) {
  const context = await browser.newContext({ baseURL, viewport: { width: 1440, height: 900 }, locale: "zh-CN", acceptDownloads: true });
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error));
  return {
    page,
    async close() {
      await context.close();
      if (errors.length > 0) throw new Error(`the page threw: ${errors.map((e) => e.stack ?? e).join("\n")}`);
    },
  };
}

/** A page of 390 × 844, in Chinese, that fails the test on any script error. */
export async function openPhone(browser, baseURL) {
  const context = await browser.newContext({
    baseURL,
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
    locale: "zh-CN",
  });
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error));
  return {
    page,
    async close() {
      await context.close();
      if (errors.length > 0) throw new Error(`the page threw: ${errors.map((e) => e.stack ?? e).join("\n")}`);
    },
  };
}
