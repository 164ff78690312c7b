/**
 * Ten thousand accounts in a project that takes a thousand rules: stored, packed, collected, and every tweet names the
 * very accounts that it is about.
 */

import { assertEquals } from "@std/assert";
import type { Simulator } from "../../src/simulate/simulator.ts";
import { startCollecting } from "../support/collecting.ts";
import { heldRules } from "../support/held_rules.ts";
import { startRulesWorld } from "../support/rules_world.ts";
import { serviceTest } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

const ACCOUNTS = 10_000;
const TWEETS = 600;

/** Ids as X gives them now: 19 digits. */
const accountId = (at: number) => String(1_500_000_000_000_000_000n + BigInt(at) * 7_919_000_003n);

interface Post {
  readonly id: string;
  readonly author_id: string;
  readonly in_reply_to_user_id?: string;
  readonly referenced_tweets?: readonly { readonly type: string; readonly id: string }[];
}

interface Collected {
  readonly data: Post;
  readonly includes?: { readonly tweets?: readonly Post[] };
  readonly matching_rules: readonly { readonly id: string }[];
  readonly traptor: {
    readonly attribution: string;
    readonly collection_rules: readonly { readonly value: string; readonly tag: string; readonly outlet: string }[];
  };
}

/** The accounts that a tweet is by, answers, or retweets; of a quote, also those that the quoted one does. */
function accountsOf({ data, includes }: Collected): Set<string> {
  const posts = new Map(includes?.tweets?.map((post) => [post.id, post]));
  const accounts = new Set<string>();
  const take = (post: Post) => {
    accounts.add(post.author_id);
    if (post.in_reply_to_user_id !== undefined) accounts.add(post.in_reply_to_user_id);
    for (const { id, type } of post.referenced_tweets ?? []) {
      const referenced = posts.get(id);
      if (!referenced) continue;
      if (type === "retweeted") accounts.add(referenced.author_id);
      if (type === "quoted") take(referenced);
    }
  };
  take(data);
  return accounts;
}

/** The accounts in each rule at X, by the rule's id. */
async function accountsAtX(simulator: Simulator): Promise<Map<string, Set<string>>> {
  const held = await heldRules(simulator);
  return new Map(
    held.map(({ id, value }) => [id, new Set([...value.matchAll(/\d{19}/g)].map(([account]) => account))]),
  );
}

serviceTest({
  name: "10,000 accounts fit into 1,000 rules, every tweet names the exact accounts, and one more changes two rules",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    const rule = (at: number) => `{"value":"${accountId(at)}","tag":"press","outlet":"no. ${at}"}\n`;
    const all = Array.from({ length: ACCOUNTS }, (_, at) => rule(at)).join("");
    await world.done(["json", "-", "--type", "follow"], { stdin: all });
    assertEquals(await world.redis("SCARD", "traptor-follow:0"), 5_000);
    assertEquals(await world.redis("SCARD", "traptor-follow:1"), 5_000);

    await using run = await startCollecting(["--sink", "stdout", "--type", "follow", "--id", "0-2"], {
      simulator: { rate: 150, caps: { rulesPerProject: 1_000 } },
      env: { ...world.env, BEARER_TOKEN: "simulator-bearer-token" },
    });
    const { collector, simulator } = run;
    const collected = () => collector.stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line) as Collected);
    await collector.says(/"collection_rules"/);
    const before = await accountsAtX(simulator);
    assertEquals(before.size <= 990, true, `${before.size} rules at X`);
    const covered = new Set([...before.values()].flatMap((accounts) => [...accounts]));
    assertEquals(covered.size, ACCOUNTS);
    await waitUntil(() => collector.stdout.split("\n").length > TWEETS, { what: "tweets come", withinMs: 60_000 });

    // One account more, while it runs.
    const added = accountId(ACCOUNTS);
    await world.done(["json", "-", "--type", "follow", "--merge"], { stdin: rule(ACCOUNTS) });
    const isThere = async () => [...(await accountsAtX(simulator)).values()].some((accounts) => accounts.has(added));
    await waitUntil(isThere, { what: "the new account is at X", withinMs: 30_000 });
    await waitUntil(async () => (await heldRules(simulator)).length <= before.size + 1, {
      what: "the old rule is gone",
    });
    const after = await accountsAtX(simulator);
    const gone = [...before.keys()].filter((id) => !after.has(id));
    const come = [...after.keys()].filter((id) => !before.has(id));
    assertEquals(gone.length <= 1 && come.length === 1, true, `${gone.length} gone, ${come.length} new`);

    // Every tweet that was sent arrives.
    simulator.pause();
    const isAllThere = () => {
      const ids = new Set(collected().map(({ data }) => data.id));
      return simulator.sent().every(({ id }) => ids.has(id));
    };
    await waitUntil(isAllThere, { what: "what was sent is collected", everyMs: 200 });
    const { code, stderr } = await collector.end();
    assertEquals(code, 0, stderr);
    assertEquals(stderr.match(/Connected to X/g)?.length, 1, "no reconnect");
    assertEquals(simulator.connections().length, 1);

    const records = collected();
    const atX = new Map([...before, ...after]);
    const wrong = records.filter((record) => {
      const possible = new Set(record.matching_rules.flatMap(({ id }) => [...atX.get(id)!]));
      const expected = [...accountsOf(record)].filter((account) => possible.has(account)).sort();
      const named = record.traptor.collection_rules.map(({ value }) => value).sort();
      return expected.length === 0 || expected.join() !== named.join();
    });
    assertEquals(wrong.map(({ data, traptor }) => ({ data, traptor })), []);
    const attributions = new Set(records.map(({ traptor }) => traptor.attribution));
    assertEquals([...attributions].filter((attribution) => attribution !== "x" && attribution !== "local"), []);
    assertEquals(attributions.has("local"), true);
    // Accounts that answer, or are retweeted, are among them, not authors alone.
    const others = records.filter(({ data, traptor }) =>
      traptor.collection_rules.some(({ value }) => value !== data.author_id)
    );
    assertEquals(others.length > TWEETS / 10, true, `${others.length} of ${records.length}`);
    for (const { traptor } of records) {
      for (const { outlet, tag, value } of traptor.collection_rules) {
        const at = Number((BigInt(value) - 1_500_000_000_000_000_000n) / 7_919_000_003n);
        assertEquals([tag, outlet], ["press", `no. ${at}`]);
      }
    }
  },
});
