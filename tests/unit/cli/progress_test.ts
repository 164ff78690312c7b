/** The progress line, on a terminal that only listens. */

import { assertEquals } from "@std/assert";
import { Progress } from "../../../src/cli/progress.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const CLEARED = "\r\u001b[K";

function progressOn(isTerminal: boolean) {
  const clock = new FakeClock();
  const written: string[] = [];
  return { clock, written, progress: new Progress(clock, isTerminal, (text) => written.push(text)) };
}

Deno.test("work that is soon done shows no line; long work shows how far it is, and the line goes away", async () => {
  const { clock, progress, written } = progressOn(true);
  progress.show("1 rule read", 0.1);
  progress.end();
  assertEquals(written, []);
  await clock.advance(300);
  progress.show("500 rules read", 0.5);
  assertEquals(written, [`${CLEARED}[############------------]  50 % 500 rules read`]);
  progress.end();
  progress.end();
  assertEquals(written.slice(1), [CLEARED]);
});

Deno.test("the line is not written more often than the eye follows, and has no bar where the end is not known", async () => {
  const { clock, progress, written } = progressOn(true);
  await clock.advance(1_000);
  progress.show("1 rule read", undefined);
  progress.show("2 rules read", undefined);
  await clock.advance(99);
  progress.show("3 rules read", undefined);
  await clock.advance(1);
  progress.show("4 rules read", undefined);
  assertEquals(written, [`${CLEARED}1 rule read`, `${CLEARED}4 rules read`]);
});

Deno.test("a part beyond the whole is the whole; where nobody looks nothing is written", async () => {
  const { clock, progress, written } = progressOn(true);
  await clock.advance(1_000);
  progress.show("slots", 1.2);
  assertEquals(written, [`${CLEARED}[########################] 100 % slots`]);
  const unseen = progressOn(false);
  await unseen.clock.advance(1_000);
  unseen.progress.show("slots", 0.5);
  unseen.progress.end();
  assertEquals(unseen.written, []);
});
