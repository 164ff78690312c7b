/** Several apps in one Redis: they do not see each other, and two on the same slots are refused. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { FleetTrial } from "../support/fleet_trial.ts";
import { serviceTest } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

/** What Redis holds, as text, by its keys. */
async function everything(trial: FleetTrial): Promise<Map<string, string>> {
  const readers: Record<string, (key: string) => readonly string[]> = {
    string: (key) => ["GET", key],
    hash: (key) => ["HGETALL", key],
    list: (key) => ["LRANGE", key, "0", "-1"],
    set: (key) => ["SMEMBERS", key],
    zset: (key) => ["ZRANGE", key, "0", "-1"],
  };
  const held = new Map<string, string>();
  for (const key of await trial.ask("KEYS", "*") as readonly string[]) {
    const type = String(await trial.ask("TYPE", key));
    if (type === "none") continue;
    const reader = readers[type];
    assert(reader, `${key} is of the type ${type}`);
    held.set(key, JSON.stringify(await trial.ask(...reader(key))));
  }
  return held;
}

const TOKENS = ["AAAAAAAAAAAAAAAAAAAAAAone%2Fsecret", "BBBBBBBBBBBBBBBBBBBBBBtwo%2Fsecret"] as const;

serviceTest({
  name: "two apps in one Redis have a lease, gaps and statistics of their own, and no token is anywhere in it",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start({ token: TOKENS[0] });
    await trial.ask("SADD", "traptor-track:1", "coffee");
    const other = await trial.anotherSimulator({ token: TOKENS[1] });
    const one = trial.member({ args: ["--id", "0"] });
    const two = trial.member({ args: ["--id", "1"], simulator: other });
    await one.collects();
    await two.collects();
    await Promise.all([one.gets(10), two.gets(10)]);
    trial.simulator.fault("disconnect");
    await one.says(/Connected to X[^]*Connected to X/);
    const apps = [await trial.app(), await trial.app(other)] as const;
    const isMirrored = async () => Object.keys(await trial.hash(`traptor:gaps:${apps[0]}`)).includes(`${one.id}:1`);
    await waitUntil(isMirrored, { what: "its gap is in Redis", withinMs: 30_000 });
    await waitUntil(async () => (await trial.ask("KEYS", "traptor:stats:*") as string[]).length === 2, {
      what: "statistics of both",
      withinMs: 30_000,
    });

    const held = await everything(trial);
    const [ownersOne, ownersTwo] = apps.map((app) => held.get(`traptor:lease:${app}`) ?? "");
    assert(ownersOne!.includes(one.id) && ownersTwo!.includes(two.id), `${ownersOne} ${ownersTwo}`);
    for (const [key, text] of held) {
      if (key.includes(apps[0])) assert(!text.includes(two.id) && !text.includes(other.url), `${key}: ${text}`);
      if (key.includes(apps[1])) assert(!text.includes(one.id), `${key}: ${text}`);
      for (const token of [...TOKENS, ...TOKENS.map(decodeURIComponent)]) {
        assert(!key.includes(token) && !text.includes(token), `${key} holds a token`);
      }
    }
    assertEquals(
      [...held.keys()].filter((key) => key.startsWith("traptor:stats:")).sort(),
      [
        `traptor:stats:${apps[0]}:track:0`,
        `traptor:stats:${apps[1]}:track:1`,
      ].sort(),
    );
    const isOfTwo = (field: string) => field.startsWith(`${two.id}:`);
    assertEquals(Object.keys(await trial.hash(`traptor:gaps:${apps[0]}`)).filter(isOfTwo), []);
    // Neither knows of the other, but through `status`.
    assertEquals(/collect track:0, track:1/.test(one.process.stderr + two.process.stderr), false);
    const { apps: shown } = await trial.status();
    const roles = shown.map(({ app, holders, standbys }) => ({ app, holders, standbys }));
    assertEquals(
      roles,
      [
        { app: apps[0], holders: [one.id], standbys: [] as string[] },
        { app: apps[1], holders: [two.id], standbys: [] as string[] },
      ].sort((first, second) => first.app < second.app ? -1 : 1),
    );
    for (const member of [one, two]) {
      for (const token of TOKENS) assertEquals(member.process.stderr.includes(token), false);
    }
  },
});

serviceTest({
  name:
    "a second token on the same slots ends with 78 and X's policy in two lines; with X_SEPARATE_USE_CASES it collects",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start({ token: TOKENS[0] });
    const other = await trial.anotherSimulator({ token: TOKENS[1] });
    const [one] = await trial.members(1);
    const refused = trial.member({ simulator: other });
    const { code, stderr } = await refused.process.ended;
    assertEquals(code, 78, stderr);
    const lines = stderr.trimEnd().split("\n").filter((line) => !/^\d{4}-\S+Z (INFO|WARN)/.test(line));
    assertEquals(lines.length, 2, stderr);
    assertMatch(lines[0]!, /^Cannot collect track:0: an instance on \S+ collects the same with another token/);
    assertMatch(lines[0]!, new RegExp(`\\(app ${await trial.app()}\\)\\. X forbids several apps for one use case`));
    assertMatch(lines[1]!, /X_SEPARATE_USE_CASES=yes/);
    assertEquals(other.requests().filter(({ path }) => path.includes("stream")), [], "it asks X for nothing");
    const roster = async () => Object.keys(await trial.hash("traptor:instances"));
    assertEquals(await roster(), [`${await trial.app()}:${one!.id}`]);

    const allowed = trial.member({ simulator: other, env: { X_SEPARATE_USE_CASES: "yes" } });
    await allowed.collects();
    await Promise.all([allowed.gets(5), one!.gets(5)]);
    assertEquals((await roster()).length, 2);
  },
});
