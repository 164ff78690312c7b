/** What the holders of an app's connections have told last, as Redis has it now. */

import type { RedisConnection } from "../base/redis.ts";
import { type AliveRecord, readAlive } from "./alive_record.ts";

export interface AliveQuestion {
  readonly redis: RedisConnection;
  /** Before each key; a simulation has one of its own. */
  readonly prefix: string;
  readonly app: string;
}

/** Those that did not step down in order. Throws TransientError and WrongKeyTypeError where Redis does not answer. */
export async function aliveNow({ app, prefix, redis }: AliveQuestion): Promise<AliveRecord[]> {
  const fields = await redis.hashFields(`${prefix}traptor:alive:${app}`);
  return Object.values(fields).flatMap((text) => readAlive(text) ?? []).filter(({ released }) => !released);
}
