/** Runs `traptor top`: looks, keys and sizes change the state, and each change is painted. */

import type { Clock } from "../../base/clock.ts";
import { EndingError } from "../../base/errors.ts";
import type { Feed } from "./feed.ts";
import { frame, ruleRoom } from "./frame.ts";
import { afterFailure, afterKey, afterLook, BEGINNING } from "./model.ts";
import { Screen } from "./screen.ts";

/** How often it is looked. */
const LOOK_MS = 2_000;

/** Shows what the feed tells until a key or the signal ends it. The terminal is as it was afterwards, whatever happens. */
export async function live(feed: Feed, clock: Clock, stop: AbortSignal): Promise<void> {
  const quit = new AbortController();
  const ending = AbortSignal.any([stop, quit.signal]);
  let state = BEGINNING;
  const screen = new Screen(() => paint());
  const paint = () => screen.paint(frame(state, screen.size()));

  const look = async () => {
    while (!ending.aborted) {
      try {
        state = afterLook(state, await feed.look());
      } catch (error) {
        if (ending.aborted) return;
        if (!(error instanceof EndingError)) throw error;
        state = afterFailure(state, error.message);
      }
      if (ending.aborted) return;
      paint();
      await clock.sleep(LOOK_MS, ending).catch((reason) => {
        if (!ending.aborted) throw reason;
      });
    }
  };
  const obey = async () => {
    for await (const key of screen.keys()) {
      if (ending.aborted) return;
      state = afterKey(state, key, ruleRoom(state, screen.size()));
      if (state.isOver) return;
      paint();
    }
  };
  const ended = new Promise<void>((resolve) => ending.addEventListener("abort", () => resolve(), { once: true }));
  try {
    screen.open();
    paint();
    // Neither a look that hangs nor a key that never comes keeps it.
    if (!ending.aborted) await Promise.race([look(), obey(), ended]);
  } finally {
    quit.abort();
    screen.close();
  }
}
