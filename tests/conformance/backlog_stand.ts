/** The backlogs that there are, each with its surroundings, for the suites that all of them have to pass. */

import { assertEquals } from "@std/assert";
import { Events } from "../../src/base/events.ts";
import { differencesIn } from "../../src/journal/balance.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { MemoryBacklog } from "../../src/journal/memory_backlog.ts";
import { openJournal } from "../../src/journal/open_journal.ts";
import { waitersIn } from "../../src/journal/sink_positions.ts";
import type { Backlog } from "../../src/model/backlog.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A backlog with its surroundings. It takes about a megabyte, and tells the time by its clock. */
export interface BacklogStand {
  readonly backlog: Backlog;
  readonly clock: FakeClock;
  /** Ends the backlog and opens it again for these sinks, as a restart does. */
  restart(sinks: readonly string[]): void;
  /** Asserts that what the backlog says of itself agrees with what is in it, where it says more than its seam. */
  check(): void;
  remove(): void;
}

/** Makes a stand whose backlog is for these sinks. */
export type MakeBacklog = (sinks: readonly string[]) => BacklogStand;

const MEGABYTE = 1024 ** 2;

export function memoryStand(sinks: readonly string[]): BacklogStand {
  const clock = new FakeClock();
  const opened = (names: readonly string[]) =>
    new MemoryBacklog({ records: 2_000, bytes: MEGABYTE }, names, () => clock.now());
  let backlog = opened(sinks);
  return {
    get backlog() {
      return backlog;
    },
    clock,
    restart: (names) => void (backlog = opened(names)),
    check() {},
    remove() {},
  };
}

export function journalStand(sinks: readonly string[]): BacklogStand {
  const directory = Deno.makeTempDirSync({ prefix: "traptor-test-" });
  const clock = new FakeClock();
  const opened = (names: readonly string[]): Journal => {
    const disk = () => ({ free: 1e12, size: 1e12 });
    return openJournal({ directory, sinks: names, maxBytes: MEGABYTE, clock, events: new Events(), disk });
  };
  let journal = opened(sinks);
  return {
    get backlog() {
      return journal;
    },
    clock,
    restart(names) {
      journal.end();
      journal = opened(names);
    },
    check() {
      assertEquals(journal.fault, undefined);
      assertEquals(journal.use((database) => differencesIn(database, waitersIn(database))), []);
    },
    remove() {
      journal.end();
      Deno.removeSync(directory, { recursive: true });
    },
  };
}

/** Runs one part of a suite, with a stand of its own; what the backlog says of itself has to be right at its end. */
export type Part = (
  name: string,
  sinks: readonly string[],
  check: (stand: BacklogStand) => void | Promise<void>,
) => Promise<unknown>;

/** Makes the parts of a suite steps of a test. */
export function partsOf(t: Deno.TestContext, make: MakeBacklog): Part {
  return (name, sinks, check) =>
    t.step(name, async () => {
      const stand = make(sinks);
      try {
        await check(stand);
        stand.backlog.settle();
        stand.check();
      } finally {
        stand.remove();
      }
    });
}
