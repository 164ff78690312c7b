/**
 * Which tweets an instance of the app has taken, for whoever reads the same by another connection: sets of ids in
 * `traptor:seen:<app>:<minute>`, by the minute that the id tells, each of which expires some minutes after it was written.
 * However many tweets there are, a batch is a command or two.
 *
 * Source of the time in an id: X's snowflakes.
 */

import type { RedisCommand, RedisConnection } from "../base/redis.ts";

export interface SeenMarksOptions {
  readonly redis: RedisConnection;
  /** Before each key; a simulation has one of its own. */
  readonly prefix: string;
  readonly app: string;
}

const EXPIRES_MS = 10 * 60_000;
const SNOWFLAKE_EPOCH_MS = 1_288_834_974_657n;
const MINUTE_MS = 60_000n;

/** KEYS: sets. ARGV: for each id which of the sets it is looked for in, from 1, and the id. Answers with a 1 or 0 for each. */
const ASK = `
local answer = {}
for at = 1, #ARGV, 2 do
  table.insert(answer, redis.call('SISMEMBER', KEYS[tonumber(ARGV[at])], ARGV[at + 1]))
end
return answer
`;

/** Both methods throw TransientError and WrongKeyTypeError where Redis does not do it. */
export class SeenMarks {
  readonly #options: SeenMarksOptions;

  constructor(options: SeenMarksOptions) {
    this.#options = options;
  }

  async mark(ids: readonly string[]): Promise<void> {
    const sets = Map.groupBy(ids, (id) => this.#keyOf(id));
    const commands = [...sets].flatMap(([key, members]): RedisCommand[] => [
      ["SADD", key, ...members],
      ["PEXPIRE", key, String(EXPIRES_MS)],
    ]);
    if (commands.length > 0) await this.#options.redis.pipeline(commands);
  }

  /** Those of the ids that are marked. */
  async marked(ids: readonly string[]): Promise<Set<string>> {
    const keys = [...new Set(ids.map((id) => this.#keyOf(id)))];
    const [first, ...others] = keys;
    if (first === undefined) return new Set();
    const numbers = new Map(keys.map((key, index) => [key, String(index + 1)]));
    const args = ids.flatMap((id) => [numbers.get(this.#keyOf(id))!, id]);
    const answer = await this.#options.redis.evaluate(ASK, [first, ...others], args) as readonly number[];
    return new Set(ids.filter((_, index) => answer[index] === 1));
  }

  #keyOf(id: string): string {
    const { app, prefix } = this.#options;
    const minute = /^\d{1,20}$/.test(id) ? ((BigInt(id) >> 22n) + SNOWFLAKE_EPOCH_MS) / MINUTE_MS : 0n;
    return `${prefix}traptor:seen:${app}:${minute}`;
  }
}
