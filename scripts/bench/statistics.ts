/**
 * What statistics by rule cost: how many tweets a second can be counted, and how many commands a second reach a real
 * Redis at the rate that is promised.
 *
 *   deno run -A scripts/bench/statistics.ts     this bench alone
 *
 * @module
 */
import { systemClock } from "../../src/base/clock.ts";
import { Events } from "../../src/base/events.ts";
import { systemRandom } from "../../src/base/random.ts";
import { openRedis } from "../../src/base/redis.ts";
import type { Rule } from "../../src/model/rule.ts";
import { RuleStatistics } from "../../src/observe/rule_statistics.ts";
import { findProgram } from "../../tests/support/programs.ts";
import { startRedis } from "../../tests/support/redis.ts";
import { redisCommands } from "../../tests/support/redis_commands.ts";
import type { Row } from "./row.ts";

const RULES = 10_000;
const RATE = 20_000;
const SECONDS = 20;
const COUNTED = 2_000_000;
const TURN_MS = 50;

/** Measures counting, and the load on Redis. */
export async function statistics(): Promise<Row[]> {
  const what = `statistics of ${RULES} rules at ${RATE} tweets/s`;
  const aim = "100 commands/s";
  if (!findProgram("redis-server")) return [[what, "not measured: redis-server is not installed", aim]];
  const redis = await startRedis();
  const stop = new AbortController();
  const counted = new RuleStatistics({
    redis: openRedis({ host: "127.0.0.1", port: redis.port }),
    ...{
      prefix: "",
      app: "bench",
      windowMs: 900_000,
      clock: systemClock(),
      random: systemRandom,
      events: new Events(),
    },
  });
  const running = counted.run(stop.signal).catch((reason) => {
    if (reason !== stop.signal.reason) throw reason;
  });
  try {
    const rules = Array.from({ length: RULES }, (_, at) => ruleAt(at));
    counted.keepOnly(rules);
    counted.begin();
    const startedAt = performance.now();
    count(counted, rules, COUNTED);
    const perSecond = COUNTED / (performance.now() - startedAt) * 1_000;

    const before = await commandsOf(redis.port);
    for (let turn = 0; turn < SECONDS * 1_000 / TURN_MS; turn++) {
      count(counted, rules, RATE * TURN_MS / 1_000);
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    }
    const commands = (await commandsOf(redis.port) - before) / SECONDS;
    return [
      [
        `counting matches by rule, ${RULES} rules`,
        `${Math.round(perSecond).toLocaleString("en-US")} tweets/s`,
        `${RATE} tweets/s`,
      ],
      [what, `${commands.toFixed(1)} commands/s`, aim],
    ];
  } finally {
    stop.abort("measured");
    await running;
    await redis.stop();
  }
}

/** Counts so many tweets, of two rules each. */
function count(statistics: RuleStatistics, rules: readonly Rule[], tweets: number): void {
  for (let tweet = 0; tweet < tweets; tweet++) {
    statistics.countAccepted([rules[tweet % RULES]!, rules[(tweet * 7 + 1) % RULES]!]);
  }
}

function ruleAt(number: number): Rule {
  return { ruleId: String(number), slot: { type: "track", id: 0 }, value: `rule ${number}`, tag: null, extra: {} };
}

/** How many commands Redis has done; one more for each time that it is asked. */
async function commandsOf(port: number): Promise<number> {
  const info = await redisCommands(port, ["INFO", "stats"]);
  return Number(/total_commands_processed:(\d+)/.exec(info)?.[1] ?? NaN);
}

if (import.meta.main) { for (const row of await statistics()) console.log(`| ${row.join(" | ")} |`); }
