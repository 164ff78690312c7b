/**
 * Rules that X has refused, with its words, in Redis: a hash a slot, `traptor:refused:track:0`, from the rule's value
 * to why. It is for people to see; whoever applies rules writes it anew each time.
 */

import type { RedisCommand, RedisConnection } from "../base/redis.ts";
import { isObject, parseJson } from "../model/json.ts";
import type { Rule } from "../model/rule.ts";
import { parseSlotName, slotName } from "../model/slot.ts";

const PREFIX = "traptor:refused:";

/** Notes which of the wanted rules X refuses; of slots without wanted rules nothing is said. */
export async function noteRefusedRules(
  redis: RedisConnection,
  wanted: readonly Rule[],
  refused: ReadonlyMap<Rule, string>,
  at: string,
): Promise<void> {
  const slots = new Set(wanted.map((rule) => slotName(rule.slot)));
  const commands: RedisCommand[] = [["DEL", ...[...slots].map((slot) => PREFIX + slot)]];
  for (const [{ ruleId, slot, tag, value }, reason] of refused) {
    commands.push(["HSET", PREFIX + slotName(slot), value, JSON.stringify({ rule_id: ruleId, tag, reason, at })]);
  }
  if (slots.size > 0) await redis.transaction(commands);
}

/** X's words on each refused rule, by slot and value. */
export async function readRefusedRules(redis: RedisConnection): Promise<Map<string, Map<string, string>>> {
  const refused = new Map<string, Map<string, string>>();
  for (const key of await redis.scanKeys(PREFIX)) {
    const slot = parseSlotName(key.slice(PREFIX.length));
    if (!slot) continue;
    const reasons = Object.entries(await redis.hashFields(key)).map(([value, text]): [string, string] => {
      const note = parseJson(text);
      return [value, isObject(note) ? String(note["reason"]) : text];
    });
    refused.set(slotName(slot), new Map(reasons));
  }
  return refused;
}
