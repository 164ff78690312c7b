/** Word of what was done with the rules at X, in a real Redis. */

import { assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import { type EventName, Events } from "../../src/base/events.ts";
import { systemRandom } from "../../src/base/random.ts";
import { openRedis } from "../../src/base/redis.ts";
import { readRule, type Rule } from "../../src/model/rule.ts";
import { type Applied, AppliedRules } from "../../src/rules/applied_rules.ts";
import { readRefusedRules } from "../../src/rules/refused_rules.ts";
import { RuleHistory } from "../../src/rules/rule_history.ts";
import { startRedis } from "../support/redis.ts";
import { serviceTest } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Waits are twenty times shorter. */
const clock = systemClock(20);
const parts = { clock, random: systemRandom };
const SLOT = { type: "track", id: 0 } as const;
const [good, bad]: [Rule, Rule] = [readRule("deno", SLOT), readRule({ value: "the", tag: "t" }, SLOT)];

function applied(reasons: Record<string, string>, added = 0, deleted = 0): Applied {
  const refused = new Map(Object.entries(reasons).map(([value, reason]) => [value === "the" ? bad : good, reason]));
  return { wanted: [good, bad], refused, added, deleted };
}

serviceTest({
  name:
    "a collector's word on refused rules and on changes at X is written beside collecting, and replaced by the next",
  needs: ["redis"],
  async fn() {
    const server = await startRedis();
    const look = openRedis({ url: server.url }, parts);
    const events: EventName[] = [];
    const listened = new Events();
    listened.listen(({ name }) => events.push(name));
    const note = new AppliedRules({
      redis: openRedis({ url: server.url }, parts),
      ...parts,
      events: listened,
      by: "ann@here",
      what: "collect",
    });
    const stop = new AbortController();
    const running = assertRejects(() => note.run(stop.signal));
    const refused = async () => Object.fromEntries((await readRefusedRules(look)).get("track:0") ?? new Map());
    const changes = async () =>
      (await new RuleHistory({ redis: look, clock, by: "" }).changes())
        .map(({ added, removed, what, by }) => `${what} by ${by}: +${added} -${removed}`);
    try {
      note.note(applied({ the: "too common" }, 3, 1));
      await waitUntil(async () => (await changes()).length === 1, { what: "the first word is written" });
      assertEquals(await refused(), { the: "too common" });
      assertEquals(await changes(), ["collect by ann@here: +3 -1"]);

      await server.process.kill();
      note.note(applied({ deno: "no such rule" }, 1, 0));
      note.note(applied({}, 2, 2));
      await waitUntil(() => events.includes("rules_note_failed"), { what: "the failure is told" });
      await server.process.start();
      await waitUntil(async () => (await changes()).length > 0, { what: "what waited is written" });
      // Redis was emptied by its end; what it was not told of before is there, in one.
      assertEquals([await refused(), await changes()], [{}, ["collect by ann@here: +3 -2"]]);

      note.note(applied({ the: "too common" }));
      stop.abort();
      await running;
      assertEquals(await refused(), { the: "too common" }, "what was noted last is written at the end");
    } finally {
      stop.abort();
      await running;
      look.close();
      await server.stop();
    }
  },
});
