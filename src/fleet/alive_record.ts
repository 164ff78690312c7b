/** What a holder tells of its stream, at least once a second, in `traptor:alive:<app>`: what whoever follows begins with. */

import { isObject, jsonIn } from "../model/json.ts";

export interface AliveRecord {
  readonly instance: string;
  readonly process: string;
  readonly host: string;
  readonly generation: number;
  /**
   * The last moment of which nothing is missing: the last sign of life of the stream, of this holder or one before it. On
   * Redis's clock, in milliseconds since 1970.
   */
  readonly at: number;
  /** Since when its holder has listened, what is missing since then being in its register; 0 where it has not yet. */
  readonly from?: number;
  /** Whether a connection stands. */
  readonly up: boolean;
  /** The newest tweet; empty before the first. */
  readonly tweetId: string;
  /** X's id of the connection, empty where it is not known, and when X granted it, by X's clock; 0 for never. */
  readonly connection: string;
  readonly grantedAt: number;
  /** Whether the holder stepped down in order: it speaks to X no more. */
  readonly released: boolean;
  /** Who held the connection before, as long as the holder has told nothing of itself. */
  readonly before?: Pick<AliveRecord, "instance" | "host" | "released">;
}

/** Of whom a record tells: of the holder before, where nothing of it is the newest holder's own. */
export function whoTold(record: AliveRecord): AliveRecord {
  return { ...record, ...record.before };
}

export function aliveText(record: AliveRecord): string {
  const { connection, grantedAt: granted_at, tweetId: tweet_id, ...rest } = record;
  return JSON.stringify({ ...rest, tweet_id, connection, granted_at });
}

/** A record from its JSON; undefined for what is none. */
export function readAlive(text: string): AliveRecord | undefined {
  const value = jsonIn(text);
  if (!isObject(value) || typeof value["instance"] !== "string" || typeof value["at"] !== "number") return undefined;
  const { at, before, generation, granted_at: grantedAt, instance, released, up } = value;
  const textOf = (name: string) => typeof value[name] === "string" ? value[name] : "";
  return {
    instance,
    process: textOf("process"),
    host: textOf("host"),
    generation: typeof generation === "number" ? generation : 0,
    at,
    from: typeof value["from"] === "number" ? value["from"] : 0,
    up: up === true,
    tweetId: textOf("tweet_id"),
    connection: textOf("connection"),
    grantedAt: typeof grantedAt === "number" ? grantedAt : 0,
    released: released === true,
    ...isObject(before) && typeof before["instance"] === "string" && {
      before: {
        instance: before["instance"],
        host: typeof before["host"] === "string" ? before["host"] : "",
        released: before["released"] === true,
      },
    },
  };
}
