/**
 * Judges all that is known of a world in which the stream was hurt, once its collector has ended.
 *
 * @module
 */
import type { Gap } from "../../src/journal/gaps.ts";
import { disagreements, keepsLimit, mostConnects } from "./stream_verdict.ts";
import type { StreamWorld } from "./stream_world.ts";
import { verdictOnTweets } from "./tweet_verdict.ts";

/** What there was, and what is not as it is promised. */
export interface StreamJudgement {
  /** Different tweets that were sent on an open connection; different tweets that were found afterwards. */
  readonly sent: number;
  readonly repaired: number;
  /** Tweets that are not there, and whose gap says so; and those of which no gap says so. */
  readonly covered: number;
  readonly uncovered: number;
  /** Those of the covered that lie in the gap of a stop, which waits for a person. */
  readonly stopped: number;
  /** Copies of tweets beyond the first. */
  readonly repeats: number;
  readonly gaps: number;
  /** Gaps that are closed. */
  readonly repairedGaps: number;
  readonly connects: number;
  /** The most connects in any 15 minutes. */
  readonly mostConnects: number;
  /** What is wrong, in words; empty where nothing is. */
  readonly wrong: readonly string[];
}

/** How many missing tweets are shown. */
const MOST_SHOWN = 10;

export async function judgeStream(world: StreamWorld): Promise<StreamJudgement> {
  const facts = await world.tweetFacts();
  const { covered, repaired, repeats, sent, uncovered, unexplained } = verdictOnTweets(facts);
  const connections = world.simulator.connections();
  const most = mostConnects(connections);
  const unbalanced = await world.unbalanced();
  const wrong = [
    ...[...uncovered].slice(0, MOST_SHOWN).map(([id, why]) =>
      `${id} is missing, as are ${uncovered.size - 1} more: ${why}`
    ),
    ...(uncovered.size > 0 ? facts.gaps.map(shownGap) : []),
    ...unexplained.map((id) => `${id} is there twice, and no kill explains it`),
    ...(keepsLimit(connections) ? [] : [`${most} connects in 15 minutes`]),
    ...disagreements(await world.streamFacts()),
    ...(unbalanced === undefined ? [] : [unbalanced]),
  ];
  return {
    ...{ sent, repaired, repeats, covered: covered.size, uncovered: uncovered.size, wrong },
    stopped: [...covered.values()].filter((cause) => cause === "stopped").length,
    ...{ gaps: facts.gaps.length, connects: connections.length, mostConnects: most },
    repairedGaps: facts.gaps.filter(({ state }) => state === "closed").length,
  };
}

function shownGap({ beganAt, cause, detail, endedAt, number, outcome, state }: Gap): string {
  const [from, to] = [beganAt, endedAt].map((at) => at === undefined ? "now" : new Date(at).toISOString());
  return `gap ${number} from ${from} to ${to}: ${cause} (${detail}), ${state} (${outcome})`;
}
