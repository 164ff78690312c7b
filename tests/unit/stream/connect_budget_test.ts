import { assertEquals } from "@std/assert";
import { ConnectBudget } from "../../../src/stream/connect_budget.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { JournalFile } from "../../support/journal_file.ts";

const NOW = Date.UTC(2026, 10, 24, 10);
const MINUTE = 60_000;

Deno.test("45 connects in 15 minutes, whatever is started anew in between, and the next when the first is old enough", async () => {
  using file = new JournalFile(["file"], NOW);
  const { clock } = file;
  for (let connect = 0; connect < 45; connect++) {
    // Each by a process of its own, some of which are killed right after.
    const budget = new ConnectBudget(clock, file.journal.memory);
    assertEquals([budget.left, budget.waitMs()], [45 - connect, 0]);
    budget.spend();
    await clock.advance(10_000);
    if (connect % 10 === 0) file.open(["file"]);
  }
  const budget = new ConnectBudget(clock, file.journal.memory);
  assertEquals([budget.left, budget.waitMs()], [0, 15 * MINUTE - 450_000]);
  await clock.advance(15 * MINUTE - 450_000);
  assertEquals([budget.left, budget.waitMs()], [1, 0]);
});

Deno.test("connects of a clock that was put back since hold up nothing", () => {
  const clock = new FakeClock(NOW);
  const ahead = Array.from({ length: 50 }, () => NOW + 60 * MINUTE);
  const budget = new ConnectBudget(clock, { connectsSince: () => ahead, noteConnect() {} });
  assertEquals([budget.left, budget.waitMs()], [45, 0]);
});

Deno.test("more connects than are allowed, by others, wait until so many are old enough", () => {
  const clock = new FakeClock(NOW);
  const connects = Array.from({ length: 47 }, (_, at) => NOW - 10 * MINUTE + at * 1_000);
  const budget = new ConnectBudget(clock, { connectsSince: () => connects, noteConnect() {} });
  assertEquals(budget.waitMs(), 5 * MINUTE + 2_000);
});
