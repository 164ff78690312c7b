/** The parts by which two instances read at once, each by a connection of its own, and deliver each tweet once. */

import type { Fleet } from "../fleet/fleet.ts";
import { GapMirror } from "../fleet/gap_mirror.ts";
import { SeenMarks } from "../fleet/seen_marks.ts";
import { type AssemblyOptions, isOnDisk, openRedisOf } from "./assembly_options.ts";
import type { Companion } from "./collector.ts";
import { GapCovering } from "./gap_covering.ts";
import { HeldTweets } from "./held_tweets.ts";
import type { Intake } from "./intake.ts";
import { TakenMarks } from "./taken_marks.ts";

export interface BesideParts {
  readonly held: HeldTweets;
  readonly companions: readonly Companion[];
  /** Marks what is left, once nothing more is taken. */
  end(): Promise<void>;
}

/** Undefined where an app has one connection, or tweets are only shown. */
export function besideParts(
  options: AssemblyOptions,
  { fleet, intake }: { fleet: Fleet; intake: Intake },
): BesideParts | undefined {
  const { app, clock, events, instance, journal, redisPrefix: prefix, settings } = options;
  if (settings.connections === 1 || !journal) return undefined;
  const redis = openRedisOf(options);
  const marks = new SeenMarks({ redis, prefix, app });
  const taken = new TakenMarks({ marks, settle: () => isOnDisk(journal), clock });
  intake.onTaken = (id) => taken.note(id);
  const mirrorRedis = openRedisOf(options);
  const covering = new GapCovering({
    ...{ clock, events, journal },
    mirror: new GapMirror({ redis: mirrorRedis, prefix, app, instance }),
    besides: fleet.besides,
    clockAhead: () => fleet.aheadMs,
    onEnd: () => mirrorRedis.close(),
  });
  return {
    held: new HeldTweets({ intake, marks, isFirst: () => fleet.lease === 1, clock }),
    companions: [taken, covering],
    end: () => taken.write().finally(() => redis.close()),
  };
}
