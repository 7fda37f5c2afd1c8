// The real thing on free ports: sandbox, server and worker as processes of the binary, with a database and keys of their own.

import { execFileSync, spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const binary = process.env.ZHAOYAN ?? join(root, "target/debug/zhaoyan");

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(what, condition, timeout = 60_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const found = await condition().catch(() => undefined);
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${timeout / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** Starts everything; the pages are at `url`. With `ourRoster` the registrations lie in our own roster, empty at first. */
export async function startStack({ ourRoster = false } = {}) {
  if (!existsSync(binary)) throw new Error(`${binary} is not built: run \`cargo build --bin zhaoyan\``);
  const folder = mkdtempSync(join(tmpdir(), "zhaoyan-e2e-"));
  const [pagesPort, sandboxPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${pagesPort}`;
  const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;

  // The configuration for trying out, moved to this run's ports and folder.
  const config = readFileSync(join(root, "deploy/try/zhaoyan.toml"), "utf8").replaceAll("127.0.0.1:8090", `127.0.0.1:${sandboxPort}`);
  writeFileSync(join(folder, "zhaoyan.toml"), config);
  const env = {
    ...process.env,
    ZHAOYAN_CONFIG: join(folder, "zhaoyan.toml"),
    ZHAOYAN_DATABASE_URL: `sqlite://${join(folder, "zhaoyan.db")}`,
    ZHAOYAN_PICTURES_URL: join(folder, "pictures"),
    ZHAOYAN_KEY_FILE: join(folder, "keys.toml"),
    ZHAOYAN_SERVER_LISTEN: `127.0.0.1:${pagesPort}`,
    ZHAOYAN_SANDBOX_LISTEN: `127.0.0.1:${sandboxPort}`,
    ...(ourRoster ? { ZHAOYAN_REGISTRATION_SYSTEM: "roster" } : {}),
  };
  const once = (...args) => execFileSync(binary, args, { env, cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  once("keys", "new", join(folder, "keys.toml"));
  once("exam-session", "set", join(root, "deploy/try/exam-session.toml"));

  const children = ["sandbox", "serve", "worker"].map((role) => {
    const child = spawn(binary, [role], { env, cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const log = createWriteStream(join(folder, `${role}.log`));
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    return child;
  });

  const sandbox = async (path, init) => {
    const answer = await fetch(`${sandboxUrl}/sandbox/api/${path}`, init);
    if (!answer.ok) throw new Error(`sandbox: ${path}: ${answer.status}`);
    const text = await answer.text();
    return text ? JSON.parse(text) : null;
  };
  await until("the server is ready", async () => (await fetch(`${url}/readyz`)).ok, 120_000);
  await until("the sandbox is ready", async () => (await (await fetch(`${sandboxUrl}/healthz`)).json()).register_filled, 300_000);

  const people = await sandbox("candidates");
  const taken = new Set();
  const pictures = join(folder, "specimens");
  mkdirSync(pictures);

  return {
    url,
    folder,
    sandbox,
    people,

    /** What the command prints. */
    command(...args) {
      return execFileSync(binary, args, { env, cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    },

    /** The first candidate with these properties whom nobody has taken. */
    take(wanted) {
      const fits = (who) => Object.entries(wanted).every(([key, value]) => who[key] === value);
      const found = people.find((who) => !taken.has(who.id) && fits(who));
      if (!found) throw new Error(`no candidate is left with ${JSON.stringify(wanted)}`);
      taken.add(found.id);
      return found;
    },

    /** The code in the newest SMS to a phone. */
    codeFor(phone) {
      return until("an SMS code", async () => (await sandbox(`sms?phone=${phone}`))[0]?.code);
    },

    /** A specimen picture as a file. */
    async specimen(who, kind) {
      const file = join(pictures, `${who.id}-${kind}.jpg`);
      if (!existsSync(file)) {
        const answer = await fetch(`${sandboxUrl}/sandbox/specimens/${who.id}/${kind}.jpg`);
        if (!answer.ok) throw new Error(`specimen ${kind}: ${answer.status} ${await answer.text()}`);
        writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
      }
      return file;
    },

    /** Sets switches of the systems outside. */
    switches(positions) {
      const headers = { "content-type": "application/json" };
      return sandbox("switches", { method: "PUT", headers, body: JSON.stringify(positions) });
    },

    /** The registration system's record, once it has been told the result. */
    delivered(who) {
      return until("the result is delivered", async () => {
        const record = await sandbox(`registrations/${who.registration_id}`);
        return record.results.length > 0 ? record : undefined;
      });
    },

    /** The collection as the server tells it to this candidate's session. */
    collection(candidate) {
      return candidate.page.evaluate(async () => {
        const stored = Object.values({ ...localStorage, ...sessionStorage }).join(" ");
        const token = stored.match(/[A-Za-z0-9_-]{40,}/)?.[0];
        const answer = await fetch("/api/v1/collection", { headers: { authorization: `Bearer ${token}` } });
        return answer.json();
      });
    },

    async stop() {
      await Promise.all(
        children.map((child) => {
          if (child.exitCode !== null) return undefined;
          const ended = new Promise((resolve) => child.once("exit", resolve));
          child.kill("SIGTERM");
          return ended;
        }),
      );
      if (!process.env.ZHAOYAN_KEEP) rmSync(folder, { recursive: true, force: true });
    },
  };
}
