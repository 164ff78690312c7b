import { assert, assertEquals } from "@std/assert";
import { type Session, withSimulator } from "./session.ts";

const SEARCH = "/2/tweets/search/recent?query=deno&max_results=100&tweet.fields=created_at";

/** The times of what a search finds, oldest first. */
async function timesFound({ ask }: Session, parameters = ""): Promise<number[]> {
  const { status, body, text } = await ask(SEARCH + parameters);
  assertEquals(status, 200, text);
  const tweets: readonly { created_at: string }[] = body.data ?? [];
  return tweets.map(({ created_at }) => Date.parse(created_at)).reverse();
}

/** A time of X's, in whole seconds. */
function written(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

/** One tweet a second for a minute, all of which a search for "deno" could find; then the stream is left. */
async function postForAMinute(session: Session): Promise<void> {
  await session.addRules("deno -is:retweet -is:quote");
  const stream = await session.open();
  await session.clock.advance(60_000);
  await stream.atLeast(60);
}

Deno.test("what was posted within the search's lag is not found, then it is", () =>
  withSimulator({ rate: 1, searchLagMs: 20_000 }, async (session) => {
    const { clock } = session;
    await postForAMinute(session);
    session.simulator.pause();
    const now = clock.now();
    const newest = Math.max(...await timesFound(session, `&end_time=${written(now - 10_000)}`));
    assert(newest < now - 20_000 && newest >= now - 22_000, `${now - newest} ms ago`);
    await clock.advance(10_000);
    const later = Math.max(...await timesFound(session, `&end_time=${written(now)}`));
    assert(later < now - 10_000 && later >= now - 12_000, `${now - later} ms ago`);
  }));

Deno.test("without a lag all is found up to the end that is asked for, and without an end up to 30 s ago", () =>
  withSimulator({ rate: 1, searchLagMs: 0 }, async (session) => {
    const { clock } = session;
    await postForAMinute(session);
    const now = clock.now();
    const newest = Math.max(...await timesFound(session, `&end_time=${written(now - 10_000)}`));
    assert(newest < now - 10_000 && newest >= now - 12_000, `${now - newest} ms ago`);
    const byDefault = Math.max(...await timesFound(session));
    assert(byDefault < now - 30_000 && byDefault >= now - 32_000, `${now - byDefault} ms ago`);
  }));

Deno.test("the default lag is 20 s", () =>
  withSimulator({ rate: 1 }, async (session) => {
    await postForAMinute(session);
    const now = session.clock.now();
    const newest = Math.max(...await timesFound(session, `&end_time=${written(now - 10_000)}`));
    assert(newest < now - 20_000 && newest >= now - 22_000, `${now - newest} ms ago`);
  }));

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Ids of 2026-11-16T09:59:59Z, of a second later, and of 2026-11-20. */
const [OLD_ID, OLDEST_ID, RECENT_ID] = ["2122268433314742272", "2122268437509046272", "2123566994027446272"] as const;

for (
  const [parameters, message] of [
    [
      "end_time=2026-11-23T09:59:51Z",
      "Invalid 'end_time':'2026-11-23T09:59Z'. 'end_time' must be a minimum of 10 seconds prior to the request time.",
    ],
    [
      "start_time=2026-11-23T10:00:00Z",
      "Invalid 'start_time':'2026-11-23T10:00Z'. 'start_time' must be a minimum of 10 seconds prior to the request time.",
    ],
    [
      "start_time=2026-11-16T09:59:59Z",
      "Invalid 'start_time':'2026-11-16T09:59Z'. 'start_time' must be on or after 2026-11-16T10:00Z",
    ],
    ["start_time=yesterday", "Invalid 'start_time':'yesterday'."],
    ["until_id=x", "Invalid 'until_id':'x'."],
    [
      `since_id=${OLD_ID}`,
      "'since_id' must be a tweet id created after 2026-11-16T10:00Z. Please use a 'since_id' that is larger than " +
      OLDEST_ID,
    ],
    [
      `until_id=${RECENT_ID}&end_time=2026-11-23T09:00:00Z`,
      "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.",
    ],
    [
      `since_id=${RECENT_ID}&start_time=2026-11-23T09:00:00Z`,
      "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.",
    ],
  ] as const
) {
  Deno.test(`refused at 10 o'clock: ${parameters}`, () =>
    withSimulator({}, async ({ ask }) => {
      const { status, body } = await ask(`${SEARCH}&${parameters}`);
      assertEquals([status, body.title], [400, "Invalid Request"]);
      assertEquals(body.errors.map((error: { message: string }) => error.message), [message]);
    }));
}

Deno.test("bounds that X just takes", () =>
  withSimulator({}, async ({ ask, clock }) => {
    for (
      const parameters of [
        `end_time=${written(clock.now() - 10_000)}`,
        `start_time=${written(clock.now() - 7 * DAY_MS)}`,
        `start_time=${written(clock.now() - MINUTE_MS)}&end_time=${written(clock.now() - 10_000)}`,
      ]
    ) {
      assertEquals((await ask(`${SEARCH}&${parameters}`)).status, 200, parameters);
    }
  }));
