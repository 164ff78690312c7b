/**
 * The statistics by rule that the holders of an app left in Redis, for whoever shows them. What is no row of statistics
 * is left out, and so is a key that holds something else than a hash.
 */

import type { RedisConnection } from "../base/redis.ts";
import { WrongKeyTypeError } from "../base/redis_failure.ts";
import { agedRow, readRuleRow, type RuleRow, statisticsKey } from "./rule_row.ts";

/** The statistics of one rule. */
export interface RuleStatisticsRow extends RuleRow {
  readonly slot: string;
  readonly ruleId: string;
}

/**
 * Reads the rows of some slots, such as `track:0`, as they are to be understood at a moment, by default that of Redis's
 * clock: where nobody has written for a window, nothing matched within it. Throws TransientError.
 */
export async function readRuleStatistics(
  redis: RedisConnection,
  prefix: string,
  app: string,
  slotNames: readonly string[],
  now?: number,
): Promise<RuleStatisticsRow[]> {
  const moment = now ?? await redis.time();
  const rows: RuleStatisticsRow[] = [];
  for (const slot of slotNames) {
    for (const [ruleId, text] of Object.entries(await fieldsOf(redis, statisticsKey(prefix, app, slot)))) {
      const row = readRuleRow(text);
      if (row) rows.push({ slot, ruleId, ...agedRow(row, moment) });
    }
  }
  return rows;
}

async function fieldsOf(redis: RedisConnection, key: string): Promise<Record<string, string>> {
  try {
    return await redis.hashFields(key);
  } catch (error) {
    if (!(error instanceof WrongKeyTypeError)) throw error;
    return {};
  }
}
