/**
 * Judges what several instances have read and missed together: what a connection brought is in its instance's sink, up to
 * its end; what nobody has, and when nobody listened, lies in a gap of somebody's register, and gaps say no more than
 * that; and somebody reads again in time. Times are of the simulator's clock.
 *
 * @module
 */
import type { ConnectionRecord } from "../../src/simulate/simulator.ts";
import { type ArrivedTweet, madeAt } from "./tweet_verdict.ts";

/** From one moment to another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A gap as an instance's register has it, brought to the simulator's clock. */
export interface RegisteredGap extends Span {
  readonly cause: string;
  readonly state: string;
  /** The newest tweet before it; absent where there was none. */
  readonly lastId?: string | undefined;
}

/** What is known of one instance. */
export interface InstanceFacts {
  readonly name: string;
  readonly connections: readonly ConnectionRecord[];
  readonly arrived: readonly ArrivedTweet[];
  readonly gaps: readonly RegisteredGap[];
  /** When it was killed. */
  readonly kills: readonly number[];
  /** When it stood still, or was cut off so that nobody knew it for the holder. */
  readonly deaf: readonly Span[];
}

/** After this somebody has to read soon. */
export interface Due {
  readonly what: string;
  readonly at: number;
  readonly withinMs: number;
}

/** A line that the simulator sent, on anybody's connection. */
export interface SentLine {
  readonly id: string;
  readonly connection: string;
  readonly at: number;
}

export interface ListeningFacts {
  readonly instances: readonly InstanceFacts[];
  readonly sent: readonly SentLine[];
  /** What search finds: a gap that is closed does not excuse it. */
  readonly found: ReadonlySet<string>;
  readonly dues: readonly Due[];
  /** The time that is judged. */
  readonly judged: Span;
  /** How far two instants of one thing may lie apart. */
  readonly slackMs: number;
  /** How long before a kill what is there twice was taken in, at most. */
  readonly inFlightMs: number;
  /** How much longer than the silence that it is about a gap may be: a holder tells each second that it is alive. */
  readonly excessMs: number;
}

/** What is not as it is promised, in words; nothing where all is. */
export function wrongListening(facts: ListeningFacts): string[] {
  return [
    ...facts.instances.flatMap((instance) => [...holes(instance, facts), ...repeats(instance, facts)]),
    ...missing(facts),
    ...unheard(facts),
    ...overlong(facts),
    ...late(facts),
  ];
}

/** The tweets that nobody has. */
export function missingTweets({ instances, sent }: Pick<ListeningFacts, "instances" | "sent">): Map<string, number> {
  const arrived = new Set(instances.flatMap((instance) => instance.arrived.map(({ id }) => id)));
  return new Map(sent.flatMap(({ at, id }) => arrived.has(id) ? [] : [[id, at] as const]));
}

/** Of a connection what is in the sink is a beginning; of one that stands, all. */
function holes({ arrived, connections, name }: InstanceFacts, { judged, sent }: ListeningFacts): string[] {
  const known = new Set(arrived.map(({ id }) => id));
  // What a search has found says nothing of how far a connection was read.
  const read = new Set(arrived.filter(({ isFound }) => !isFound).map(({ id }) => id));
  return connections.flatMap(({ closedAt = Infinity, id }) => {
    const lines = sent.filter(({ connection }) => connection === id);
    const first = lines.findIndex((line) => !known.has(line.id));
    if (first < 0) return [];
    const end = closedAt >= judged.to ? lines.length : lines.findLastIndex((line) => read.has(line.id)) + 1;
    return first < end
      ? [`${name} lacks ${lines[first]!.id}, the ${first + 1}th of ${lines.length} on a connection, and not its end`]
      : [];
  });
}

/** Twice in one sink is only what was in flight when its instance was killed. */
function repeats({ arrived, kills, name }: InstanceFacts, { inFlightMs }: ListeningFacts): string[] {
  return [...Map.groupBy(arrived, ({ id }) => id).values()].flatMap((copies) => {
    const near = kills.filter((kill) =>
      copies.some(({ collectedAt }) => collectedAt <= kill && kill - collectedAt <= inFlightMs)
    );
    return copies.length - 1 <= near.length
      ? []
      : [`${copies[0]!.id} is ${copies.length} times in the sink of ${name}`];
  });
}

function missing(facts: ListeningFacts): string[] {
  const gaps = facts.instances.flatMap((instance) => instance.gaps);
  const lost = [...missingTweets(facts)].filter(([id, at]) =>
    !gaps.some((gap) => covers(gap, at, facts.slackMs) && (gap.state !== "closed" || !facts.found.has(id)))
  );
  const [first] = lost;
  return first ? [`${lost.length} tweets are missing and in no gap, first ${first[0]} of ${iso(first[1])}`] : [];
}

function covers({ from, lastId, to }: RegisteredGap, at: number, slackMs: number): boolean {
  const last = lastId === undefined ? Infinity : madeAt(lastId);
  return at >= Math.min(from, last) - slackMs && at <= to + slackMs;
}

/** Each moment at which nobody listened is in a gap. */
function unheard(facts: ListeningFacts): string[] {
  const { instances, slackMs } = facts;
  const gaps = instances.flatMap((instance) => instance.gaps);
  return without(silences(facts), gaps)
    .filter(({ from, to }) => to - from > slackMs)
    .map((span) => `nobody listened ${shown(span)}, and no gap says so`);
}

/** What lies in a gap was not listened to. */
function overlong(facts: ListeningFacts): string[] {
  const silent = silences(facts);
  return facts.instances.flatMap(({ gaps, name }) =>
    gaps.flatMap((gap) => {
      const inside = { from: Math.max(gap.from, facts.judged.from), to: Math.min(gap.to, facts.judged.to) };
      const heard = without([inside], silent).find(({ from, to }) => to - from > facts.excessMs);
      return heard
        ? [`a gap of ${name} (${gap.cause}) says ${shown(inside)}, and somebody listened ${shown(heard)}`]
        : [];
    })
  );
}

/** When nobody listened, within the time that is judged. */
export function silences({ instances, judged }: Pick<ListeningFacts, "instances" | "judged">): Span[] {
  const heard = instances.flatMap(({ connections, deaf }) =>
    without(
      connections.filter(({ status }) => status === 200).map(({ at, closedAt = Infinity }) => ({
        from: at,
        to: closedAt,
      })),
      deaf,
    )
  );
  return without([judged], heard);
}

/** Whoever reads begins, or goes on, within the time after something that it has to. */
function late({ dues, instances }: ListeningFacts): string[] {
  const begun = instances.flatMap(({ connections }) =>
    connections.filter(({ status }) => status === 200).map(({ at }) => at)
  );
  return dues.flatMap(({ at, what, withinMs }) => {
    const next = begun.filter((moment) => moment > at).sort((one, other) => one - other)[0];
    if (next !== undefined && next - at <= withinMs) return [];
    const took = next === undefined ? "nobody" : `somebody after ${Math.round(next - at)} ms`;
    return [`after ${what} at ${iso(at)} ${took} reads, where ${withinMs} ms are allowed`];
  });
}

/** What of spans is in none of others. */
export function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  return others.reduce<readonly Span[]>(
    (left, other) =>
      left.flatMap(({ from, to }) => {
        if (other.to <= from || other.from >= to) return [{ from, to }];
        return [{ from, to: Math.min(to, other.from) }, { from: Math.max(from, other.to), to }]
          .filter((part) => part.to > part.from);
      }),
    spans,
  ).slice();
}

function shown({ from, to }: Span): string {
  return `from ${iso(from)} to ${iso(to)}`;
}

function iso(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString() : "now";
}
