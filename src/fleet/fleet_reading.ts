/** Reads all that the instances of an app have told of their journals, and writes off what was on a machine that is lost. */

import type { RedisConnection } from "../base/redis.ts";
import { type InstanceReport, readInstance } from "../model/instance.ts";
import {
  mirrorKeys,
  readMirroredGap,
  readMirroredJournal,
  readTakenMark,
  readTotals,
  readWrittenOff,
  type WrittenOff,
} from "../model/mirrored.ts";
import type { FleetTold } from "./fleet_balance.ts";

const TOTAL = /:total$/;
const LIST = "return redis.call('LRANGE', KEYS[1], 0, -1)";

/** KEYS: instances, written off. ARGV: the instance's field, what it holds (empty for nothing), the entry. */
const WRITE_OFF = `
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('RPUSH', KEYS[2], ARGV[3])
redis.call('HDEL', KEYS[1], ARGV[1])
return 1
`;

/** What a command means: the keys' prefix, and the app's name. */
export interface FleetPlace {
  readonly prefix: string;
  readonly app: string;
}

/** The apps of which instances have told, with the instances' ids. Throws TransientError, WrongKeyTypeError. */
export async function appsIn(redis: RedisConnection, prefix: string): Promise<Map<string, Set<string>>> {
  const apps = new Map<string, Set<string>>();
  for (const field of Object.keys(await redis.hashFields(mirrorKeys(prefix, "").instances))) {
    const [, app = "", instance = ""] = /^([0-9a-f]{12}):([0-9a-f]{8})$/.exec(field) ?? [];
    if (app === "") continue;
    apps.set(app, (apps.get(app) ?? new Set()).add(instance));
  }
  return apps;
}

/** Throws TransientError, WrongKeyTypeError. */
export async function readFleet(redis: RedisConnection, { app, prefix }: FleetPlace): Promise<FleetTold> {
  const keys = mirrorKeys(prefix, app);
  const instances = new Map<string, InstanceReport>();
  for (const [field, text] of Object.entries(await redis.hashFields(keys.instances))) {
    const report = field.startsWith(`${app}:`) ? readInstance(text) : undefined;
    if (report) instances.set(report.id, report);
  }
  const hours = await redis.hashFields(keys.hours);
  const isTotal = ([field]: readonly [string, string]) => TOTAL.test(field);
  const totals = Object.entries(hours).filter(isTotal).map(([field, text]) =>
    [field.replace(TOTAL, ""), text] as const
  );
  const gaps = read(Object.entries(await redis.hashFields(keys.gaps)), readMirroredGap);
  const marks = read(Object.entries(await redis.hashFields(keys.taken)), readTakenMark);
  const writtenOff = await redis.evaluate(LIST, [keys.writtenOff], []) as readonly string[];
  return {
    now: await redis.time(),
    instances,
    hours: read(Object.entries(hours).filter((entry) => !isTotal(entry)), readTotals),
    journals: read(totals, readMirroredJournal),
    gaps,
    marks,
    writtenOff: writtenOff.flatMap((text) => readWrittenOff(text) ?? []),
  };
}

/** Answers false, and does nothing, where the instance has told something since. Throws as above. */
export async function writeOff(
  redis: RedisConnection,
  { app, prefix }: FleetPlace,
  entry: WrittenOff,
  report: InstanceReport | undefined,
): Promise<boolean> {
  const keys = mirrorKeys(prefix, app);
  const field = `${app}:${entry.instance}`;
  const told = (await redis.hashFields(keys.instances))[field] ?? "";
  if (readInstance(told)?.at !== report?.at) return false;
  return await redis.evaluate(WRITE_OFF, [keys.instances, keys.writtenOff], [field, told, JSON.stringify(entry)]) === 1;
}

function read<Value>(
  entries: readonly (readonly [string, string])[],
  reader: (text: string) => Value | undefined,
): Map<string, Value> {
  return new Map(entries.flatMap(([name, text]) => {
    const value = reader(text);
    return value === undefined ? [] : [[name, value] as const];
  }));
}
