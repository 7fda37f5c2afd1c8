// The journeys that must never break, walked by a browser through the real binary, sandbox and database.

import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { openPhone, startBrowser } from "../lib/browser.mjs";
import { Candidate } from "../lib/journey.mjs";
import { startStack } from "../lib/stack.mjs";

const failures = join(tmpdir(), "zhaoyan-e2e-failures");
let stack;
let browser;

before(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await stack?.stop();
});

/** Walks with the first candidate of that kind whom no other journey has taken. */
async function walk(kind, journey) {
  const who = stack.take(kind);
  const phone = await openPhone(browser, stack.url);
  try {
    await journey(new Candidate(phone.page, stack, who), who);
  } catch (error) {
    await phone.page.screenshot({ path: `${failures}/${who.id}.png` }).catch(() => {});
    error.message += `\n(screen: ${failures}/${who.id}.png)`;
    throw error;
  }
  await phone.close();
}

test("a candidate gets through to 提交成功", async () => {
  await walk({ planted: "none", level: "高起本" }, async (candidate, who) => {
    const { page } = candidate;
    await page.goto("/");
    await candidate.isAt("home");
    await candidate.shoot("02-home");
    await candidate.enter();
    await candidate.shoot("03-login");
    await candidate.logIn();
    await candidate.shoot("04-card");
    await candidate.uploadSide("portrait", "card_portrait");

    // A reload in the middle loses nothing.
    await page.reload();
    await candidate.by("card-portrait-state-good").waitFor();
    await candidate.uploadSide("emblem", "card_emblem");
    await candidate.shoot("04-card-done");
    await candidate.by("card-submit").click();
    await candidate.isAt("confirm");
    const shown = await candidate.by("screen-confirm").innerText();
    for (const value of [who.card.name, who.card.number, who.card.ethnicity, who.card.address]) {
      assert.ok(shown.includes(value), "everything that the card prints was read and is shown");
    }
    await candidate.shoot("05-confirm");
    await candidate.confirmCard();
    await candidate.isAt("photo");
    await candidate.shoot("06-photo");
    await candidate.takeAcceptedPhoto();
    await candidate.shoot("07-check");
    await candidate.by("check-submit").click();
    await candidate.isAt("consent");
    await candidate.shoot("08-consent");
    await candidate.by("consent-submit").click();
    await candidate.by("result-success").waitFor({ timeout: 60_000 });
    assert.match(await candidate.by("screen-success").innerText(), /提交成功/);
    assert.equal(await candidate.by("result-prior-degree").count(), 0);
    await candidate.shoot("09-success");

    const record = await stack.delivered(who);
    assert.equal(record.results.length, 1, "the registration system was told once");
  });
});

test("a photo with two faults is refused with both reasons, a better one is accepted", async () => {
  await walk({ planted: "none" }, async (candidate) => {
    await candidate.toPhoto();
    await candidate.uploadPhoto("two_defects");
    await candidate.by("check-reasons").waitFor({ timeout: 60_000 });
    const reasons = await candidate.by("check-reasons").locator("[data-testid^=reason-]").count();
    assert.ok(reasons >= 2, `two reasons are told, ${reasons} were`);
    await candidate.shoot("07-check-reasons");
    await candidate.by("check-retake").click();
    await candidate.isAt("photo");
    await candidate.takeAcceptedPhoto();
    await candidate.submitPhoto();
    await candidate.by("result-success").waitFor({ timeout: 60_000 });
  });
});

test("another name in the registration stops the candidate until the office has mended it", async () => {
  await walk({ planted: "name" }, async (candidate, who) => {
    await candidate.logIn();
    await candidate.takeCard();
    await candidate.confirmCard();
    await candidate.by("blocked-dialog").waitFor();
    await candidate.by("difference-name").waitFor();
    await candidate.shoot("05a-blocked");
    await candidate.page.reload();
    await candidate.by("blocked-dialog").waitFor();
    assert.equal(await candidate.by("blocked-again").count(), 0, "there is no way on");

    await stack.sandbox(`registrations/${who.registration_id}/correct`, { method: "POST" });
    await candidate.page.reload();
    await candidate.by("blocked-again").click();
    await candidate.isAt("card");
    await candidate.takeCard();
    await candidate.confirmCard();
    await candidate.isAt("photo");
    await candidate.takeAcceptedPhoto();
    await candidate.submitPhoto();
    await candidate.by("result-success").waitFor({ timeout: 60_000 });
  });
});

test("another ethnicity and address are shown in red, and overwritten on completion", async () => {
  await walk({ planted: "ethnicity_and_address" }, async (candidate, who) => {
    await candidate.logIn();
    await candidate.takeCard();
    await candidate.confirmCard();
    await candidate.by("advisory-dialog").waitFor();
    await candidate.by("difference-ethnicity").waitFor();
    await candidate.by("difference-address").waitFor();
    await candidate.shoot("05b-advisory");
    await candidate.page.getByRole("button", { name: "确定,去采集" }).click();
    await candidate.isAt("photo");
    await candidate.takeAcceptedPhoto();
    await candidate.submitPhoto();
    await candidate.by("result-success").waitFor({ timeout: 60_000 });
    const record = await stack.delivered(who);
    assert.equal(record.now.ethnicity, who.card.ethnicity);
    assert.equal(record.now.address, who.card.address);
    assert.notEqual(record.before.address, who.card.address);
  });
});

test("five refusals in a row end the collection", async () => {
  await walk({ planted: "none" }, async (candidate) => {
    await candidate.toPhoto();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await candidate.takeAcceptedPhoto("other_person");
      await candidate.submitAllTheSame();
      if (attempt === 5) break;
      await candidate.by("result-refused").waitFor({ timeout: 60_000 });
      const text = await candidate.by("screen-refused").innerText();
      assert.match(text, /身份核验不通过/);
      assert.ok(text.includes(String(5 - attempt)), "the attempts left are told");
      if (attempt === 1) await candidate.shoot("09-refused");
      await candidate.by("result-retake").click();
      await candidate.isAt("photo");
    }
    await candidate.by("failed").waitFor({ timeout: 60_000 });
    await candidate.shoot("10-failed");
    await candidate.page.reload();
    await candidate.isAt("failed");
    assert.equal(await candidate.page.getByRole("button", { name: "重新拍照" }).count(), 0);
  });
});

test("somebody else's portrait is shown beside the card's picture before an attempt is spent", async () => {
  await walk({ planted: "none" }, async (candidate, who) => {
    await candidate.toPhoto();
    await candidate.takeAcceptedPhoto("other_person");
    await candidate.submitPhoto();
    await candidate.by("warned-message").waitFor({ timeout: 60_000 });
    assert.match(await candidate.by("warned-message").innerText(), /不像同一个人/);
    for (const side of ["warned-card", "warned-photo"]) await candidate.by(side).waitFor();
    await candidate.shoot("08-warned");
    const warned = await stack.collection(candidate);
    assert.deepEqual([warned.state, warned.attempts.used], ["warned", 0]);
    const asked = async () => (await stack.sandbox("identity")).compared;
    const before = await asked();

    // A reload shows the same warning, and asks nobody.
    await candidate.page.reload();
    await candidate.by("warned-retake").click();
    await candidate.isAt("photo");
    const retaken = await stack.collection(candidate);
    assert.deepEqual([retaken.state, retaken.attempts.used, retaken.attempts.left], ["photo", 0, 5]);
    assert.equal(await asked(), before, "the platform was not asked");

    await candidate.takeAcceptedPhoto();
    await candidate.submitPhoto();
    await candidate.by("result-success").waitFor({ timeout: 60_000 });
    assert.equal((await stack.collection(candidate)).attempts.used, 0);
    assert.equal((await stack.delivered(who)).results.length, 1);
  });
});

test("a candidate of 专升本 is sent on to the prior-degree check", async () => {
  await walk({ planted: "none", level: "专升本" }, async (candidate) => {
    await candidate.toPhoto();
    await candidate.takeAcceptedPhoto();
    await candidate.submitPhoto();
    await candidate.by("result-prior-degree").waitFor({ timeout: 60_000 });
    assert.match(await candidate.by("result-prior-degree").innerText(), /前置学历验证/);
    await candidate.shoot("09-prior-degree");
  });
});

test("an outage of the platform counts no attempt, and the journey ends by itself when it is over", async () => {
  await walk({ planted: "none" }, async (candidate) => {
    await candidate.toPhoto();
    await candidate.takeAcceptedPhoto();
    await stack.switches({ identity: { outage: "unavailable" } });
    try {
      await candidate.submitPhoto();
      await candidate.by("verify-delayed").waitFor({ timeout: 60_000 });
      await candidate.shoot("08-delayed");
      const during = await stack.collection(candidate);
      assert.deepEqual([during.state, during.attempts.used], ["verifying", 0]);
    } finally {
      await stack.switches({ identity: {} });
    }
    await candidate.by("result-success").waitFor({ timeout: 120_000 });
    assert.equal((await stack.collection(candidate)).attempts.used, 0);
  });
});
