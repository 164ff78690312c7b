/**
 * All that the simulator's search finds for the rules that it holds, page by page.
 *
 * @module
 */
import type { Simulator } from "../../src/simulate/simulator.ts";
import type { ScaledTime } from "./scaled_time.ts";
import { madeAt, type TweetAtX } from "./tweet_verdict.ts";

const RATE_LIMIT_MS = 5_000;

/** A tweet as search shows it, made at a moment of X's clock. */
export interface FoundTweet extends TweetAtX {
  readonly text: string;
}

/** Tweets of several rules come several times. */
export async function allFoundBySearch(simulator: Simulator, time: ScaledTime): Promise<FoundTweet[]> {
  const rules = (await (await fetch(`${simulator.url}/sim/rules`)).text()).split("\n").filter((line) => line !== "");
  const found: FoundTweet[] = [];
  for (const rule of rules) {
    let next: string | undefined;
    do {
      const query = new URLSearchParams({ query: JSON.parse(rule).value, max_results: "100" });
      if (next !== undefined) query.set("next_token", next);
      const page = await pageOf(simulator, query, time);
      found.push(
        ...(page.data ?? []).map(({ id, text }) => ({ id, text, at: madeAt(id) })),
      );
      next = page.meta.next_token;
    } while (next !== undefined);
  }
  return found;
}

interface Page {
  readonly data?: readonly { readonly id: string; readonly text: string }[];
  readonly meta: { readonly next_token?: string };
}

async function pageOf(simulator: Simulator, query: URLSearchParams, time: ScaledTime): Promise<Page> {
  const headers = { authorization: `Bearer ${simulator.token}` };
  for (;;) {
    const response = await fetch(`${simulator.url}/2/tweets/search/recent?${query}`, { headers });
    if (response.ok) return await response.json();
    const words = await response.text();
    if (response.status !== 429) throw new Error(`the simulator's search answers ${response.status}: ${words}`);
    await time.pause(RATE_LIMIT_MS);
  }
}
