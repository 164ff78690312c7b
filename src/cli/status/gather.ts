/**
 * Reads from Redis what the instances of all apps have told. It changes nothing there, and what makes no sense is named
 * instead of used. Each app's leases, last signs of life and gaps are of one moment.
 */

import type { RedisConnection } from "../../base/redis.ts";
import { WrongKeyTypeError } from "../../base/redis_failure.ts";
import { readAlive } from "../../fleet/alive_record.ts";
import { type InstanceReport, readInstance } from "../../model/instance.ts";
import { isObject, jsonIn } from "../../model/json.ts";
import { slotKeys } from "../../rules/slot_keys.ts";
import type { AliveView, AppView, FleetView, LeaseView, Malformed, WrittenOff } from "./fleet_view.ts";

/**
 * KEYS: the first lease, the second, alive, gaps, what was written off. Answers {lease, ms, lease, ms, alive, gaps, list};
 * nil for a key of another type.
 */
const LOOK = `
local function told(...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err then return false end
  return answer
end
-- Beside its gaps each instance has a field by which it sees whether they are lost.
local function gaps()
  local fields = told('HKEYS', KEYS[4])
  if not fields then return false end
  local count = 0
  for _, field in ipairs(fields) do
    if not string.match(field, ':told$') then count = count + 1 end
  end
  return count
end
return {
  told('HGETALL', KEYS[1]), redis.call('PTTL', KEYS[1]),
  told('HGETALL', KEYS[2]), redis.call('PTTL', KEYS[2]),
  told('HGETALL', KEYS[3]), gaps(), told('LRANGE', KEYS[5], 0, -1),
}
`;

/** The longest time, and the largest number, that makes sense: what a Date can hold. */
const MOST = 8.64e15;

/** Looks at the whole fleet. Throws TransientError where Redis does not answer. */
export async function gatherFleet(redis: RedisConnection, prefix = ""): Promise<FleetView> {
  const malformed: Malformed[] = [];
  const instances = await instancesIn(redis, `${prefix}traptor:instances`, malformed);
  const apps: AppView[] = [];
  for (const app of [...new Set(instances.map(({ app }) => app))].sort()) {
    apps.push(await appIn(redis, prefix, app, instances, malformed));
  }
  const slots = await slotKeys(redis, { prefix: `${prefix}traptor-` });
  // The last question, so that nothing which was read is of later.
  const at = await redis.time();
  return { source: "redis", place: redis.target, at, apps, ruledSlots: [...slots.keys()], malformed };
}

async function instancesIn(redis: RedisConnection, key: string, malformed: Malformed[]): Promise<InstanceReport[]> {
  let fields: Record<string, string>;
  try {
    fields = await redis.hashFields(key);
  } catch (error) {
    if (!(error instanceof WrongKeyTypeError)) throw error;
    malformed.push({ place: key, reason: `it is of the type ${error.type}` });
    return [];
  }
  return Object.entries(fields).sort(([one], [other]) => one < other ? -1 : 1).flatMap(([field, text]) => {
    const instance = readInstance(text);
    const reason = instance ? whyUnusable(field, instance) : "it is no report of an instance";
    if (reason === undefined) return [instance!];
    malformed.push({ place: `${key} ${field}`, reason });
    return [];
  });
}

/** Why a report is not to be believed. */
export function whyUnusable(field: string, instance: InstanceReport): string | undefined {
  if (field !== `${instance.app}:${instance.id}`) return "it tells of another instance";
  const numbers = Object.values({ ...instance, ...instance.rules }).filter((value) => typeof value === "number");
  if (numbers.some((value) => !(Math.abs(value) <= MOST))) return "it has a number that makes no sense";
  if (instance.at <= 0 || instance.interval <= 0) return "it does not say when it was told";
  return undefined;
}

async function appIn(
  redis: RedisConnection,
  prefix: string,
  app: string,
  instances: readonly InstanceReport[],
  malformed: Malformed[],
): Promise<AppView> {
  const keys = [`lease:${app}`, `lease:${app}:2`, `alive:${app}`, `gaps:${app}`, `written-off:${app}`]
    .map((name) => `${prefix}traptor:${name}`) as [string, ...string[]];
  const answer = await redis.evaluate(LOOK, keys, []) as readonly unknown[];
  const [first, firstMs, second, secondMs, alive, gaps, writtenOff] = answer;
  const values = [first, second, alive, gaps, writtenOff];
  values.forEach((value, at) => {
    if (value === null) malformed.push({ place: keys[at]!, reason: "it is of another type than it should be" });
  });
  const bad = (at: number) => (entry: string, reason: string) =>
    malformed.push({ place: `${keys[at]!} ${entry}`.trim(), reason });
  return {
    app,
    instances: instances.filter((instance) => instance.app === app),
    leases: [
      ...leaseIn(1, pairsIn(first), Number(firstMs), bad(0)),
      ...leaseIn(2, pairsIn(second), Number(secondMs), bad(1)),
    ],
    alive: aliveIn(pairsIn(alive), bad(2)),
    gapsKnown: typeof gaps === "number" ? gaps : 0,
    writtenOff: writtenOffIn(Array.isArray(writtenOff) ? writtenOff.map(String) : [], bad(4)),
  };
}

type Complaint = (entry: string, reason: string) => void;

function leaseIn(number: number, fields: ReadonlyMap<string, string>, leftMs: number, bad: Complaint): LeaseView[] {
  if (fields.size === 0) return [];
  const [instance = "", process] = (fields.get("owner") ?? "").split(":");
  if (instance !== "" && process !== undefined && leftMs >= 0) {
    return [{ number, instance, generation: Number(fields.get("generation")) || 0, leftMs }];
  }
  bad("", leftMs < 0 ? "it never ends" : "it does not say who has it");
  return [];
}

function aliveIn(fields: ReadonlyMap<string, string>, bad: Complaint): AliveView[] {
  return [...fields].flatMap(([number, text]) => {
    const record = readAlive(text);
    if (record && /^\d+$/.test(number) && Math.abs(record.at) <= MOST) {
      const { at, instance, released, up } = record;
      return [{ number: Number(number), instance, at, up, released }];
    }
    bad(number, "it is no sign of life");
    return [];
  });
}

function writtenOffIn(texts: readonly string[], bad: Complaint): WrittenOff[] {
  return texts.flatMap((text, index) => {
    const value = jsonIn(text);
    if (isObject(value) && typeof value["instance"] === "string" && typeof value["at"] === "number") {
      return [{ instance: value["instance"], at: value["at"] }];
    }
    bad(String(index), "it does not say what was written off");
    return [];
  });
}

function pairsIn(words: unknown): Map<string, string> {
  const list = Array.isArray(words) ? words.map(String) : [];
  return new Map(list.flatMap((word, at) => at % 2 === 0 ? [[word, list[at + 1]!]] : []));
}
