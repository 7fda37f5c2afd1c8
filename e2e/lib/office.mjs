// Somebody of the office at the console, and candidates whom no browser is needed for.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

/** Six digits of RFC 6238 for a secret in base 32. */
export function codeOf(secret, at = Date.now()) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const digest = createHmac("sha1", key).update(step).digest();
  const from = digest[19] & 15;
  return String((digest.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** An account made from the command line, as the first one is. */
export function hire(stack, account, role) {
  return JSON.parse(stack.command("staff", "add", account, "--role", role, "--json"));
}

/** Signs in at the console; a code counts once, so a second sign-in within half a minute waits for the next. */
export async function signIn(page, access) {
  await page.goto("/console/");
  for (;;) {
    await page.getByLabel("账号").fill(access.account);
    await page.getByLabel("密码").fill(access.password);
    await page.getByLabel("动态码").fill(codeOf(access.secret));
    await page.getByRole("button", { name: "登录" }).click();
    const inside = page.getByRole("navigation");
    const refused = page.getByText("账号、密码或动态码不正确");
    await inside.or(refused).first().waitFor();
    if (await inside.count()) return;
    await page.waitForTimeout(5_000);
  }
}

/** A person of the office without a browser. */
export async function atTheApi(stack, access) {
  const ask = async (path, init = {}, token) => {
    const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
    return fetch(`${stack.url}/api/v1/office${path}`, { ...init, headers });
  };
  const body = JSON.stringify({ account: access.account, password: access.password, code: codeOf(access.secret) });
  const { token } = await (await ask("/sign-in", { method: "POST", body })).json();
  return (method, path, sent) => ask(path, { method, ...(sent === undefined ? {} : { body: JSON.stringify(sent) }) }, token);
}

/** A candidate who goes through the API, with the same pictures that a browser would send. */
export class ApiCandidate {
  constructor(stack, who) {
    this.stack = stack;
    this.who = who;
  }

  async ask(method, path, body) {
    const form = body instanceof FormData;
    const answer = await fetch(`${this.stack.url}/api/v1${path}`, {
      method,
      headers: { ...(this.token ? { authorization: `Bearer ${this.token}` } : {}), ...(form || !body ? {} : { "content-type": "application/json" }) },
      body: form || !body ? body : JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(`${this.who.id}: ${method} ${path}: ${answer.status} ${told.code}`);
    return told;
  }

  async upload(path, kind) {
    const form = new FormData();
    form.append("file", new Blob([readFileSync(await this.stack.specimen(this.who, kind))]), `${kind}.jpg`);
    return this.ask("POST", path, form);
  }

  async logIn() {
    const entry = await this.ask("GET", "/entry");
    await this.ask("POST", "/login/code", { phone: this.who.phone });
    const code = await this.stack.codeFor(this.who.phone);
    const versions = { agreement_version: entry.agreement.version, privacy_version: entry.privacy.version };
    const { token } = await this.ask("POST", "/login", { phone: this.who.phone, code, ...versions });
    this.token = token;
    this.consent = entry.face_consent.version;
  }

  async card() {
    await this.upload("/collection/card/portrait", "card_portrait");
    await this.upload("/collection/card/emblem", "card_emblem");
    await this.ask("POST", "/collection/card/hand-in");
    let now = await this.ask("POST", "/collection/card/confirm");
    if (now.state === "advisory") now = await this.ask("POST", "/collection/advisory/seen");
    return now;
  }

  async photo(kind = "portrait") {
    const judged = await this.upload("/collection/photo", kind);
    if (judged.state !== "review") throw new Error(`${this.who.id}: the photo was not accepted`);
    return this.ask("POST", "/collection/photo/submit");
  }

  /** Hands the photo in for verification, in spite of a warning. */
  async verify() {
    const now = await this.ask("POST", "/collection/verification", { face_consent_version: this.consent });
    return now.state === "warned" ? this.ask("POST", "/collection/verification/all-the-same") : now;
  }

  /** Waits until the collection is in a state. */
  async until(...states) {
    for (let tries = 0; tries < 300; tries += 1) {
      const now = await this.ask("GET", "/collection");
      if (states.includes(now.state)) return now;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`${this.who.id}: never came to ${states.join(" or ")}`);
  }
}
