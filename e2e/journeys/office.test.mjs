// A registrar's day at the console, from the roster to the audit log, with candidates who are affected by it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { openDesk, openPhone, startBrowser } from "../lib/browser.mjs";
import { Candidate } from "../lib/journey.mjs";
import { ApiCandidate, atTheApi, hire, signIn } from "../lib/office.mjs";
import { startStack } from "../lib/stack.mjs";

const EXAM = "sandbox";
const failures = join(tmpdir(), "zhaoyan-e2e-failures");
const HEADINGS = "报名号,姓名,身份证号码,民族,住址,手机号码,层次";
let stack;
let browser;

before(async () => {
  [stack, browser] = await Promise.all([startStack({ ourRoster: true }), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await stack?.stop();
});

/** A drawn-up identity number, GB 11643. */
function numberOf(n) {
  const first = `110101${1960 + (Math.floor(n / 28) % 40)}01${String((n % 28) + 1).padStart(2, "0")}${String(n % 997).padStart(3, "0")}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  return first + "10X98765432"[weights.reduce((sum, weight, at) => sum + weight * Number(first[at]), 0) % 11];
}

const filler = (n) => [`F${String(n).padStart(6, "0")}`, "样本·补", numberOf(n), "汉族", `某省某市样本路${n}号`, `15${String(n).padStart(9, "0")}`, "高起专"];

/** 5,000 rows: the drawn people as their cards have them, but for one name; fillers; and twelve that cannot be taken. */
function roster(people, misspelt) {
  const known = people.map((who) => [
    who.registration_id, who === misspelt ? `${who.card.name}某` : who.card.name, who.card.number, who.card.ethnicity, who.card.address, who.phone, who.level,
  ]);
  const spoil = [
    (row) => row.with(2, row[2].slice(0, 17) + (row[2][17] === "0" ? "1" : "0")),
    (row) => row.with(2, "110000199003071000"),
    (row) => row.with(5, "0280000"),
    (row) => row.with(6, "本科"),
    (row) => row.with(3, "汉汉"),
    (row) => row.with(1, ""),
    (row) => row.with(5, known[0][5]),
    (row) => row.with(2, known[1][2]),
    (row) => row.with(0, ""),
    (row) => row.with(0, known[2][0]),
    (row) => row.with(2, "1.1E+17"),
    (row) => row.with(2, ""),
  ];
  const rows = [...known];
  const wrong = [];
  for (let n = 0; rows.length < 5_000; n += 1) {
    const make = n % 400 === 7 ? spoil.shift() : undefined;
    rows.push(make ? make(filler(n)) : filler(n));
    if (make) wrong.push(rows.length + 1);
  }
  assert.equal(wrong.length, 12);
  return { csv: [HEADINGS, ...rows.map((row) => row.join(","))].join("\r\n"), wrong };
}

test("a registrar's day", { timeout: 900_000 }, async (t) => {
  const chief = await atTheApi(stack, hire(stack, "chief", "supervisor"));
  const settings = { name: "成人高考", standard: "chengkao", attempts_allowed: 5, open: true, office_name: "某市成招办", office_phone: "0000-12345678" };
  const set = async (change) => assert.equal((await chief("PUT", `/exams/${EXAM}`, { ...settings, ...change })).status, 204);
  const desk = await openDesk(browser, stack.url);
  const { page } = desk;
  t.after(async () => {
    mkdirSync(failures, { recursive: true });
    await page.screenshot({ path: join(failures, "office.png") }).catch(() => {});
  });
  const menu = (name) => page.getByRole("navigation").getByRole("link", { name }).click();
  const dialog = page.getByRole("dialog");
  const because = async (reason, ok) => {
    await dialog.getByLabel("原因").fill(reason);
    await dialog.getByRole("button", { name: ok }).click();
    await dialog.waitFor({ state: "hidden" });
  };
  const find = async (registration) => {
    await menu("考生");
    await page.getByText("报名号", { exact: true }).first().click();
    await page.getByLabel("查找内容").fill(registration);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: `查看考生 ${registration}` }).click();
    await page.getByRole("heading", { name: `考生详情 ${registration}` }).waitFor();
  };

  const people = stack.people.filter((who) => !["expired_card", "rare_name"].includes(who.planted));
  assert.ok(people.length >= 21, "enough drawn people");
  const [misspelt, locked, atDesk, ...others] = people;
  const { csv, wrong } = roster(people, misspelt);

  // 1. In the morning: sign in, and import what came.
  await signIn(page, hire(stack, "li", "registrar"));
  await menu("报名信息");
  const file = join(stack.folder, "名单.csv");
  writeFileSync(file, csv);
  await page.locator("input[type=file]").setInputFiles(file);
  await page.getByRole("button", { name: "试导入" }).click();
  const counts = page.getByTestId("counts");
  await counts.waitFor({ timeout: 60_000 });
  assert.match((await counts.innerText()).replaceAll("\n", " "), /总行数 5000 新增 4988 更改 0 .*有问题 12/);
  const told = await page.getByRole("table", { name: /问题/ }).getByRole("row").evaluateAll((rows) => rows.slice(1).map((row) => Number(row.cells[0].innerText)));
  assert.deepEqual(told, wrong, "each wrong row is told by its number");
  await page.getByRole("button", { name: "正式导入" }).click();
  await dialog.getByRole("button", { name: "确认导入" }).click();
  await page.getByRole("heading", { name: /^导入结果/ }).waitFor({ timeout: 120_000 });
  await counts.waitFor({ timeout: 120_000 });
  assert.match((await counts.innerText()).replaceAll("\n", " "), /新增 4988/);

  // 2. A name was registered wrongly: the candidate is stopped, the registrar corrects it, the candidate goes on at the phone.
  const phone = await openPhone(browser, stack.url);
  const stopped = new Candidate(phone.page, stack, misspelt);
  await stopped.logIn();
  await stopped.takeCard();
  await stopped.confirmCard();
  await stopped.by("blocked-dialog").waitFor();
  await find(misspelt.registration_id);
  await page.getByRole("button", { name: "更正报名信息" }).click();
  await dialog.getByRole("button", { name: "更正报名信息" }).click();
  await page.getByLabel("姓名").fill(misspelt.card.name);
  await dialog.getByLabel("原因").fill("录入时多写了一个字");
  await dialog.getByRole("button", { name: "核对更改" }).click();
  await dialog.getByRole("button", { name: "确认更正" }).click();
  await dialog.waitFor({ state: "hidden" });
  await phone.page.reload();
  await stopped.by("blocked-again").click();
  await stopped.isAt("card");
  await stopped.takeCard();
  await stopped.confirmCard();
  await stopped.isAt("photo");

  // 3. A lock is lifted with a reason.
  const refused = new ApiCandidate(stack, locked);
  await refused.logIn();
  await refused.card();
  for (let n = 0; n < 5; n += 1) {
    await refused.photo("other_person");
    await refused.verify();
    await refused.until("refused", "failed");
  }
  await refused.until("failed");
  await find(locked.registration_id);
  await page.getByRole("button", { name: "重新开放" }).click();
  await because("考生到场，证件和本人无误", "确认重新开放");
  await refused.until("photo");

  // 4. From now on every photo waits for an eye: twenty are reviewed by keyboard.
  await set({ inspection: "every" });
  const waiting = others.slice(0, 18).map((who) => new ApiCandidate(stack, who));
  for (const candidate of waiting) {
    await candidate.logIn();
    await candidate.card();
  }
  for (const candidate of [refused, ...waiting]) {
    await candidate.photo();
    assert.equal((await candidate.verify()).state, "inspection");
  }
  await stopped.takeAcceptedPhoto();
  await stopped.submitPhoto();
  await stopped.by("inspection-wait").waitFor();
  await menu("待审核");
  await page.getByText("等待审核 20 张").waitFor();
  const begun = Date.now();
  for (let n = 1; n <= 20; n += 1) {
    await page.getByRole("img", { name: "考生的证件照" }).waitFor();
    if (n === 2) {
      await page.keyboard.press("r");
      await page.keyboard.press("3");
      await page.keyboard.press("Enter");
    } else {
      await page.keyboard.press("p");
    }
    await page.getByText(`本次已审 ${n} 张`).waitFor();
  }
  t.diagnostic(`twenty photos reviewed by keyboard in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  await page.getByText("没有待审核的照片。").waitFor();
  await stopped.by("result-success").waitFor({ timeout: 60_000 });
  await phone.close();
  const states = await Promise.all([refused, ...waiting].map((candidate) => candidate.until("completed", "photo")));
  const again = states.filter(({ state }) => state === "photo");
  assert.equal(again.length, 1, "one photo is to be taken again");
  assert.equal(again[0].verification.status, "not_passed");

  // 5. Somebody does not consent to the face comparison: completed at the desk.
  const present = new ApiCandidate(stack, atDesk);
  await present.logIn();
  await present.card();
  await present.photo();
  await find(atDesk.registration_id);
  await page.getByRole("button", { name: "现场完成" }).click();
  await because("考生不同意人脸比对，当面核对", "确认现场完成");
  assert.equal((await present.until("completed")).completed.by, "desk");

  // 6. The photos go out, as an archive that another program reads.
  await menu("导出照片");
  await page.getByRole("button", { name: "导出证件照" }).click();
  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "导出", exact: true }).click();
  const archive = join(stack.folder, "photos.zip");
  await (await download).saveAs(archive);
  const checked = JSON.parse(execFileSync("python3", ["-c", CHECK, archive], { encoding: "utf8" }));
  assert.deepEqual(checked, { photos: 20, wrong: [] });

  // 7. All of it stands in the audit log, and the chain is whole.
  await menu("审计日志");
  const log = await chiefLog(chief);
  for (const deed of ["import_roster", "correct_registration", "reopen", "review_photo", "complete_at_desk", "export_photos", "see_picture", "unmask"]) {
    assert.ok(log.some((entry) => entry.actor === "li" && entry.deed === deed), `${deed} is in the log`);
  }
  assert.equal(log.filter((entry) => entry.deed === "review_photo").length, 20);
  await page.getByRole("button", { name: "验证" }).first().click();
  await page.getByText(/没有被改动|完整/).first().waitFor();
  // It prints the head, and fails where the chain is broken.
  assert.match(stack.command("audit", "verify"), /^\d+:[0-9a-f]{64}\n$/);

  // 8. A viewer changes nothing, and it is the server that says so.
  const viewer = await atTheApi(stack, hire(stack, "zhao", "viewer"));
  const one = `/exams/${EXAM}/candidates/${atDesk.registration_id}`;
  for (const [method, path, body] of [
    ["POST", `${one}/correct`, { version: 1, name: "某某", reason: "试" }],
    ["POST", `${one}/reopen`, { reason: "试" }],
    ["POST", `${one}/complete`, { reason: "试" }],
    ["POST", `${one}/take-back`, { what: "photo", reason: "试" }],
    ["POST", `${one}/redeliver`, { reason: "试" }],
    ["POST", `${one}/inspect`, { pass: true }],
    ["POST", `${one}/desk`, { reason: "试" }],
    ["POST", `${one}/unmask`, undefined],
    ["POST", `/exams/${EXAM}/roster/imports`, undefined],
    ["POST", `/exams/${EXAM}/roster/export`, { format: "csv" }],
    ["POST", `/exams/${EXAM}/photos/export`, { since_last: false }],
    ["PUT", `/exams/${EXAM}`, settings],
    ["POST", "/staff", { account: "other", role: "administrator" }],
  ]) {
    const answer = await viewer(method, path, body);
    assert.equal(answer.status, 403, `${method} ${path}`);
    assert.equal((await answer.json()).code, "not_allowed", `${method} ${path}`);
  }
  await desk.close();
});

/** Every entry of the log, newest first. */
async function chiefLog(ask) {
  const entries = [];
  for (let before = ""; ; ) {
    const page = await (await ask("GET", `/audit${before}`)).json();
    entries.push(...page.entries);
    if (!page.next) return entries;
    before = `?before=${page.next}`;
  }
}

/** Holds each photo of an archive against its manifest. */
const CHECK = `
import csv, hashlib, io, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
rows = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
wrong = [row["file"] for row in rows if hashlib.sha256(archive.read(row["file"])).hexdigest() != row["sha256"]]
wrong += sorted(set(archive.namelist()) - {row["file"] for row in rows} - {"manifest.csv"})
print(json.dumps({"photos": len(rows), "wrong": wrong}))
`;
