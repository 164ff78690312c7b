import { assertEquals } from "@std/assert";
import { TransientError } from "../../../src/base/errors.ts";
import { HeldTweets } from "../../../src/collector/held_tweets.ts";
import type { TweetMessage } from "../../../src/model/stream_message.ts";
import { FakeClock } from "../../support/fake_clock.ts";

function tweet(id: string): TweetMessage {
  const line = new TextEncoder().encode(id);
  return { kind: "tweet", id, line, message: {}, matched: [], createdAt: null, partialErrors: [] };
}

function setUp({ isFirst = false, isAway = false }: { isFirst?: boolean; isAway?: boolean } = {}) {
  const clock = new FakeClock();
  const log: string[] = [];
  const marked = new Set<string>();
  const role = { isFirst };
  const held = new HeldTweets({
    intake: {
      take: (tweets) => Promise.resolve(tweets.forEach(({ id }) => log.push(`took ${id}`))),
      pass: (tweets) => tweets.forEach(({ id }) => log.push(`passed ${id}`)),
    },
    marks: {
      mark: () => Promise.resolve(),
      marked: (ids) =>
        isAway
          ? Promise.reject(new TransientError("away"))
          : Promise.resolve(new Set(ids.filter((id) => marked.has(id)))),
    },
    isFirst: () => role.isFirst,
    clock,
  });
  const ending = new AbortController();
  const running = held.run(ending.signal).catch((reason) => reason);
  const end = async () => {
    ending.abort("the end");
    assertEquals(await running, "the end");
  };
  return { clock, end, held, log, marked, role };
}

Deno.test("the second holds a tweet back, leaves it out where it is marked by then, and only then counts a sign of life", async () => {
  const { clock, end, held, log, marked } = setUp();
  await held.take([tweet("1"), tweet("2")], "live");
  held.alive(() => log.push("alive"));
  await clock.advance(1_800);
  assertEquals(log, []);
  marked.add("1");
  await clock.advance(400);
  assertEquals(log, ["passed 1", "took 2", "alive"]);
  assertEquals(held.isEmpty, true);
  held.alive(() => log.push("alive"));
  assertEquals(log.at(-1), "alive");
  await end();
});

Deno.test("the first takes a tweet at once, and what comes by backfill is held back there as well", async () => {
  const { clock, end, held, log, marked } = setUp({ isFirst: true });
  await held.take([tweet("1")], "live");
  assertEquals(log, ["took 1"]);
  marked.add("2");
  await held.take([tweet("2")], "backfill");
  assertEquals(log, ["took 1"]);
  await clock.advance(2_200);
  assertEquals(log, ["took 1", "passed 2"]);
  await end();
});

Deno.test("after a loss a sign of life from before is not told, and what is held back is taken", async () => {
  const { end, held, log } = setUp();
  await held.take([tweet("1")], "live");
  held.alive(() => log.push("alive"));
  assertEquals(held.lose(), true);
  await held.finish();
  assertEquals(log, ["took 1"]);
  assertEquals(held.lose(), false);
  await end();
});

Deno.test("where Redis is away what is held back is taken: rather twice than never", async () => {
  const { end, held, log } = setUp({ isAway: true });
  await held.take([tweet("1")], "live");
  await held.finish();
  assertEquals(log, ["took 1"]);
  await end();
});

Deno.test("whoever becomes the first decides what it holds before what it takes from then on", async () => {
  const { end, held, log, role } = setUp();
  await held.take([tweet("1")], "live");
  role.isFirst = true;
  await held.take([tweet("2")], "live");
  await held.finish();
  assertEquals(log, ["took 1", "took 2"]);
  await end();
});
