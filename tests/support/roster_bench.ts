/**
 * Instances that share a roster in a Redis, on a clock that is a test's.
 *
 * @module
 */
import { Events } from "../../src/base/events.ts";
import { RedisTime } from "../../src/fleet/redis_time.ts";
import { Roster, type RosterOptions } from "../../src/fleet/roster.ts";
import type { InstanceReport } from "../../src/model/instance.ts";
import { selectionNames } from "../../src/model/slot.ts";
import { FakeClock } from "./fake_clock.ts";
import { standby } from "./fleet_views.ts";
import { RosterRedis } from "./roster_redis.ts";

export const INTERVAL = 5_000;
export const TTL = 10_000;
export const [APP, OTHER_APP] = ["0123456789ab", "fedcba987654"] as const;
export const [ONE, TWO] = ["aaaaaaa1", "bbbbbbb2"] as const;

export class RosterBench {
  readonly clock = new FakeClock();
  readonly redis = new RosterRedis(this.clock);
  /** Which process told of a twin. */
  readonly twins: string[] = [];

  roster(instance: string, slots: readonly string[], over: Partial<RosterOptions> = {}): Roster {
    const { clock = this.clock, process = `process of ${instance}` } = over;
    const events = new Events();
    events.listen(({ name }) => name === "instance_twin" && this.twins.push(process));
    return new Roster({
      ...{ redis: this.redis.connection, prefix: "", app: APP, instance, process, slots },
      ...{ isSeparate: false, isGuest: false, intervalMs: INTERVAL, ttlMs: TTL, wasAlone: false, clock, events },
      time: new RedisTime(clock),
      ...over,
    });
  }

  /** So many intervals, with a beat of each of these at the end of each; answers whether the first was alone then. */
  async beats(intervals: number, ...rosters: readonly Roster[]): Promise<boolean[]> {
    const alone: boolean[] = [];
    for (let beat = 0; beat < intervals; beat++) {
      await this.clock.advance(INTERVAL);
      for (const roster of rosters) await beatOf(roster);
      if (rosters[0]) alone.push(rosters[0].isAlone);
    }
    return alone;
  }

  /** An instance of which this is all that was told, some time ago. */
  dead(id: string, agoMs: number, over: Partial<InstanceReport> = {}): void {
    this.redis.put(standby({ app: APP, id, at: this.redis.now - agoMs, interval: INTERVAL, ...over }));
  }
}

export const beatOf = (roster: Roster): Promise<void> => roster.beat(standby({ host: "here" }));
export const slotsOf = (roster: Roster): string[] => roster.slots.flatMap(selectionNames);

/** Two that are there, of which the second says nothing any more. */
export async function pair(bench: RosterBench): Promise<Roster> {
  const one = bench.roster(ONE, ["track:0"]);
  await beatOf(bench.roster(TWO, ["track:1", "track:0"]));
  await beatOf(one);
  return one;
}
