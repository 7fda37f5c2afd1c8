// What a candidate does on the pages, step by step, with the words that the pages show.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const SHOTS = process.env.ZHAOYAN_SHOTS ?? new URL("../screenshots", import.meta.url).pathname;

/** One candidate at one phone. */
export class Candidate {
  constructor(page, stack, who) {
    this.page = page;
    this.stack = stack;
    this.who = who;
  }

  by(id) {
    return this.page.getByTestId(id);
  }

  /** The page shows this screen, and keeps it. */
  async isAt(screen, timeout = 30_000) {
    await this.by(`screen-${screen}`).waitFor({ timeout });
  }

  /** Keeps a picture of the screen for the docs. */
  async shoot(name) {
    mkdirSync(SHOTS, { recursive: true });
    await this.page.evaluate(() => document.fonts.ready);
    await this.page.waitForTimeout(250);
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: false, animations: "disabled" });
  }

  async enter() {
    await this.page.goto("/");
    await this.page.getByRole("button", { name: "点击进入采集系统" }).click();
    await this.isAt("login");
  }

  async logIn() {
    await this.enter();
    await this.by("login-phone").fill(this.who.phone);
    await this.by("login-code-send").click();
    await this.by("login-code-sent").waitFor();
    await this.by("login-code").fill(await this.stack.codeFor(this.who.phone));
    await this.by("login-agree").check();
    await this.page.getByRole("button", { name: "登录", exact: true }).click();
    await this.isAt("card");
  }

  async uploadSide(slot, kind) {
    await this.by(`card-${slot}`).click();
    const chooser = this.page.waitForEvent("filechooser");
    await this.by(`card-${slot}-album`).click();
    await (await chooser).setFiles(await this.stack.specimen(this.who, kind));
    const judged = this.by(`card-${slot}-state-good`).or(this.by(`card-${slot}-state-bad`));
    await judged.waitFor({ timeout: 60_000 });
    if ((await this.by(`card-${slot}-state-good`).count()) === 0) {
      throw new Error(`the ${slot} side was not accepted: ${await judged.innerText()}`);
    }
  }

  async takeCard() {
    await this.uploadSide("portrait", "card_portrait");
    await this.uploadSide("emblem", "card_emblem");
    await this.by("card-submit").click();
    await this.isAt("confirm");
  }

  async confirmCard() {
    const shown = await this.by("screen-confirm").innerText();
    assert.ok(shown.includes(this.who.card.number), "the number that was read is shown");
    await this.by("confirm-ok").click();
  }

  async uploadPhoto(kind) {
    const chooser = this.page.waitForEvent("filechooser");
    await this.by("photo-album").click();
    await (await chooser).setFiles(await this.stack.specimen(this.who, kind));
    await this.by("photo-done").click();
  }

  async takeAcceptedPhoto(kind = "portrait") {
    await this.uploadPhoto(kind);
    await this.by("check-submit").waitFor({ timeout: 60_000 });
  }

  async submitPhoto() {
    await this.by("check-submit").click();
    await this.isAt("consent");
    await this.by("consent-submit").click();
  }

  /** Hands in somebody else's portrait, and goes on in spite of the warning. */
  async submitAllTheSame() {
    await this.submitPhoto();
    await this.by("warned-message").waitFor({ timeout: 60_000 });
    await this.by("warned-submit").click();
  }

  async toPhoto() {
    await this.logIn();
    await this.takeCard();
    await this.confirmCard();
    await this.isAt("photo");
  }
}
