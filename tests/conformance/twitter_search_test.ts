/** X's search by the real client, against the simulator: pages, fields, limits, times. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { isObject, type JsonObject } from "../../src/model/json.ts";
import { priceOf } from "../../src/model/prices.ts";
import type { SearchPage, SearchRequest } from "../../src/stream/search_api.ts";
import { Token } from "../../src/stream/token.ts";
import { openTransport } from "../../src/stream/transport.ts";
import { TwitterSearch } from "../../src/stream/twitter_search.ts";
import { XFailure } from "../../src/stream/x_failure.ts";
import type { Interval } from "../support/past_of_x.ts";
import { FIELDS, RepairBench } from "../support/repair_bench.ts";

const signal = new AbortController().signal;

/** A search, and an interval in which tweets were posted. */
class Bench implements AsyncDisposable {
  readonly interval: Interval;
  readonly #transport;
  readonly #search;

  constructor(readonly bench: RepairBench, interval: Interval, token = bench.simulator.token) {
    const { clock } = bench.file;
    this.interval = interval;
    this.#transport = openTransport({ apiUrl: bench.simulator.url, userAgent: "test", clock });
    this.#search = new TwitterSearch(new Token(token), { transport: this.#transport, clock, fields: FIELDS });
  }

  static async start(options: Parameters<typeof RepairBench.start>[0], token?: string): Promise<Bench> {
    const bench = await RepairBench.start(options);
    const from = bench.file.clock.now();
    await bench.gap({ lastsMs: 60_000 });
    return new Bench(bench, { from, to: from + 60_000 }, token);
  }

  get aheadMs(): number | undefined {
    return this.#search.aheadMs;
  }

  /** A page, in X's times. */
  page(own: Partial<SearchRequest> = {}): Promise<SearchPage> {
    const interval = inX(this.interval, this.bench.aheadMs);
    return this.#search.search({ query: "deno", ...interval, size: 100, ...own }, signal);
  }

  async pages(own: Partial<SearchRequest> = {}): Promise<SearchPage[]> {
    const pages = [await this.page(own)];
    for (let { next } = pages[0]!; next !== undefined; next = pages.at(-1)!.next) {
      pages.push(await this.page({ ...own, page: next }));
    }
    return pages;
  }

  /** What the simulator says that is in the interval. */
  held(query = "deno"): Promise<string[]> {
    return this.bench.past.ofSearch(inX(this.interval, this.bench.aheadMs), query);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#transport.close();
    await this.bench[Symbol.asyncDispose]();
  }
}

const idsOf = (pages: readonly SearchPage[]) => pages.flatMap(({ tweets }) => tweets.map(dataOf)).map(({ id }) => id);

function dataOf({ data }: JsonObject): JsonObject {
  assert(isObject(data));
  return data;
}

Deno.test("page by page all of the interval is found, once, the newest first", async () => {
  await using bench = await Bench.start({ rules: ["deno"] });
  const held = await bench.held();
  assert(held.length > 30, String(held.length));
  for (const size of [10, 25, 100]) {
    const pages = await bench.pages({ size });
    assertEquals(idsOf(pages), held);
    assert(pages.every(({ tweets }) => tweets.length <= size));
    assertEquals(pages.slice(0, -1).every(({ tweets }) => tweets.length === size), true);
  }
});

Deno.test("from a tweet on only older ones are found, still within the interval", async () => {
  await using bench = await Bench.start({ rules: ["deno"] });
  const held = await bench.held();
  const untilId = held[Math.floor(held.length / 2)]!;
  const expected = held.slice(Math.floor(held.length / 2) + 1);
  assertEquals(idsOf(await bench.pages({ untilId, size: 10 })), expected);
});

Deno.test("each tweet comes as the stream sends it: with the fields that are asked for, and what belongs to it", async () => {
  await using bench = await Bench.start({ rules: ["deno", "lang:ja has:mentions is:quote 地震 OR #rustlang"] });
  const ofStream = new Map<string, JsonObject>();
  const parameters = new URLSearchParams(FIELDS);
  const iso = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");
  const { from, to } = bench.interval;
  const times = `start_time=${iso(from)}&end_time=${iso(to)}`;
  const lines = await (await bench.bench.past.ask(`/2/tweets/search/stream?${parameters}&${times}`)).text();
  for (const line of lines.split("\r\n").filter((text) => text !== "")) {
    const { data, includes } = JSON.parse(line);
    ofStream.set(data.id, { data, includes });
  }
  const tweets = (await bench.pages({ query: "deno OR #rustlang" })).flatMap((page) => page.tweets);
  const compared = tweets.filter((tweet) => ofStream.has(String(dataOf(tweet)["id"])));
  assert(compared.length > 30);
  for (const tweet of compared) {
    const sent = ofStream.get(String(dataOf(tweet)["id"]))!;
    assertEquals(tweet["data"], sent["data"]);
    const [own, expected] = [textsOf(tweet["includes"]), textsOf(sent["includes"])];
    assertEquals([...expected].filter((text) => !own.has(text)), []);
    // What else of the page a tweet refers to are accounts that it mentions, which this stream was not asked for.
    assertEquals([...own].filter((text) => !expected.has(text) && !text.startsWith("users ")), []);
  }
});

Deno.test("the price of a page is that of what X answered", async () => {
  await using bench = await Bench.start({ rules: ["deno"] });
  const { from, to } = bench.interval;
  const iso = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");
  const parameters = new URLSearchParams({ ...FIELDS, query: "deno", max_results: "50" });
  const path = `/2/tweets/search/recent?${parameters}&start_time=${iso(from)}&end_time=${iso(to)}`;
  const answer = await (await bench.bench.past.ask(path)).json();
  const { price } = await bench.page({ size: 50 });
  assertEquals(price, priceOf(answer));
  assert(price > 50 * 5_000);
});

Deno.test("an empty page is no failure and costs nothing", async () => {
  await using bench = await Bench.start({ rules: ["deno"] });
  assertEquals(await bench.page({ query: "xyzzy" }), { tweets: [], next: undefined, price: 0, waitMs: 0 });
});

Deno.test("the last request that X's limit allows says how long to wait, by X's clock, and one more is refused", async () => {
  for (const clockSkewMs of [0, -300_000, 300_000]) {
    const simulator = { clockSkewMs, caps: { searches: 2, windowMs: 120_000 } };
    await using bench = await Bench.start({ rules: ["deno"], simulator });
    const { clock } = bench.bench.file;
    assertEquals((await bench.page({ size: 10 })).waitMs, 0);
    await clock.advance(40_000);
    const { waitMs } = await bench.page({ size: 10 });
    // A window of 120 s, of which 40 are over; X tells its time in whole seconds.
    assert(Math.abs(waitMs - 80_000) <= 3_000 && waitMs >= 80_000, String(waitMs));
    const refused = await assertRejects(() => bench.page({ size: 10 }), XFailure);
    assertEquals([refused.kind, refused.mayHeal], ["rate_limit", true]);
    assert(Math.abs(refused.retryAfterMs! - 80_000) <= 3_000, String(refused.retryAfterMs));
    await clock.advance(waitMs);
    assertEquals((await bench.page({ size: 10 })).tweets.length, 10);
  }
});

Deno.test("how far X's clock is ahead is known from its first answer on", async () => {
  for (const clockSkewMs of [0, -300_000, 300_000]) {
    await using bench = await Bench.start({ rules: ["deno"], simulator: { clockSkewMs } });
    assertEquals(bench.aheadMs, undefined);
    assertEquals(idsOf(await bench.pages()), await bench.held());
    assert(Math.abs(bench.aheadMs! - clockSkewMs) <= 1_000, String(bench.aheadMs));
  }
});

Deno.test("what X refuses is told apart: the query, the token, a moment without an answer", async () => {
  await using bench = await Bench.start({ rules: ["deno"] });
  const foreign = await assertRejects(() => bench.page({ query: "deno sample:10" }), XFailure);
  assertEquals([foreign.kind, foreign.mayHeal], ["invalid", false]);
  const long = await assertRejects(() => bench.page({ query: "deno ".repeat(200).trim() }), XFailure);
  assertEquals(long.kind, "invalid");
  bench.bench.simulator.fault("rate-limit", 30_000);
  assertEquals((await assertRejects(() => bench.page(), XFailure)).kind, "rate_limit");
  await using stranger = await Bench.start({ rules: ["deno"] }, "another token");
  assertEquals((await assertRejects(() => stranger.page(), XFailure)).kind, "unauthorized");
});

/** An interval by X's clock. */
function inX({ from, to }: Interval, aheadMs: number): Interval {
  return { from: from + aheadMs, to: to + aheadMs };
}

/** What is included, each with its kind. */
function textsOf(includes: unknown): Set<string> {
  const lists = Object.entries((includes ?? {}) as Record<string, unknown[]>);
  return new Set(lists.flatMap(([kind, objects]) => objects.map((one) => `${kind} ${JSON.stringify(one)}`)));
}
