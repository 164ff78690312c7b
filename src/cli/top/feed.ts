/** Where `traptor top` looks: into Redis, or, where rules come from a file, at the collector of this machine. */

import { type Clock, systemClock } from "../../base/clock.ts";
import { TransientError, UnavailableError } from "../../base/errors.ts";
import { systemRandom } from "../../base/random.ts";
import { openRedis, type RedisConnection } from "../../base/redis.ts";
import { redisAddress } from "../../collector/assemble.ts";
import type { Loaded } from "../../config/load.ts";
import { readRuleStatistics } from "../../observe/rule_statistics_reader.ts";
import { directoryFor } from "../journal_place.ts";
import { type FleetView, slotsOfFleet } from "../status/fleet_view.ts";
import { gatherFleet } from "../status/gather.ts";
import { gatherLocal } from "../status/local.ts";
import { problemsOf } from "../status/problems.ts";
import { CountedRules, readRuleCounts } from "./counted_rules.ts";
import type { Look, RuleRow } from "./model.ts";

export interface Feed {
  /** Throws UnavailableError where nothing answers now. */
  look(): Promise<Look>;
  /** Looks that are under way fail. */
  close(): void;
}

/** Opens the feed that the settings mean. Throws SettingsError. */
export async function openFeed(loaded: Loaded): Promise<Feed> {
  if (loaded.settings.rules.kind === "file") {
    const directory = await directoryFor(loaded);
    const counted = new CountedRules();
    return { look: () => translated(() => lookLocally(directory, counted, systemClock())), close: () => {} };
  }
  const redis = openRedis(redisAddress(loaded.settings), { clock: systemClock(), random: systemRandom });
  return { look: () => translated(() => lookIntoRedis(redis)), close: () => redis.close() };
}

async function lookIntoRedis(redis: RedisConnection): Promise<Look> {
  const view = await gatherFleet(redis);
  const rules: RuleRow[] = [];
  for (const { app } of view.apps) {
    const rows = await readRuleStatistics(redis, "", app, slotsOfApp(app, view), view.at);
    rules.push(...rows.map((row) => ({ ...row, key: `${app} ${row.slot} ${row.ruleId}` })));
  }
  return { view, problems: problemsOf(view), rules };
}

/** The slots that an app's instances collect; there alone are statistics. */
function slotsOfApp(name: string, view: FleetView): string[] {
  return slotsOfFleet(view).filter(({ app }) => app?.app === name).map(({ slot }) => slot);
}

async function lookLocally(directory: string, counted: CountedRules, clock: Clock): Promise<Look> {
  const view = await gatherLocal(directory);
  const counts = view.source === "collector" ? await readRuleCounts(view.place) : [];
  return { view, problems: problemsOf(view), rules: counted.look(counts, clock.now()) };
}

async function translated(look: () => Promise<Look>): Promise<Look> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    throw new UnavailableError(`Cannot look at the fleet: ${error.message}`, {
      hint: "again when Redis or the collector answers",
      cause: error,
    });
  }
}
