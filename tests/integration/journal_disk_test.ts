/**
 * The journal on disks that fill up, may only be read, or fail, while it runs: that is a state with a name, what was
 * written before stays and is handed out, what is at hand is kept, and all goes on by itself when the disk does.
 * Small file systems in memory, where mounting is allowed; system calls that strace lets fail.
 */

import { assert, assertEquals } from "@std/assert";
import { type EmittedEvent, Events } from "../../src/base/events.ts";
import { audit } from "../../src/journal/audit.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { journalPath, openJournal } from "../../src/journal/open_journal.ts";
import { FAILING_DISK_ABSENCE, failingDisk, type Failure } from "../support/failing_disk.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { DENO_RULE } from "../support/journal_file.ts";
import { recordOf } from "../support/records.ts";
import { serviceTest } from "../support/services.ts";
import { smallDiskTest } from "../support/small_disk.ts";
import { TestFolder } from "../support/test_folder.ts";

const MEBIBYTE = 1024 ** 2;
const ALL = { records: 100_000, bytes: 1e9 };

/** A journal in a directory, with a clock that stands still, and all that it told. */
class Stand implements Disposable {
  readonly clock = new FakeClock();
  readonly told: EmittedEvent[] = [];
  readonly journal: Journal;
  #lastId = 0;

  constructor(readonly directory: string) {
    const events = new Events();
    events.listen((event) => this.told.push(event));
    const { clock } = this;
    this.journal = openJournal({ directory, sinks: ["file"], maxBytes: 1e9, clock, events });
  }

  /** The names of what was told since it was opened. */
  get toldOf(): string[] {
    return this.told.map(({ name }) => name).filter((name) => name !== "journal_opened");
  }

  /** Offers tweets of 2 KB one after the other, and writes them; answers how many were accepted. */
  accept(tweets: number): number {
    for (let accepted = 0; accepted < tweets; accepted++) {
      if (!this.journal.accept(recordOf(this.#lastId + 1, "x".repeat(2_000)), [DENO_RULE])) return accepted;
      this.#lastId += 1;
    }
    this.journal.settle();
    return tweets;
  }

  /** What is there for the sink. */
  waiting(): string[] {
    return this.journal.read("file", this.journal.positionOf("file"), ALL).map(({ record }) => record.id);
  }

  /** The sink takes everything. */
  deliver(): string[] {
    const entries = this.journal.read("file", this.journal.positionOf("file"), ALL);
    this.journal.acknowledge("file", { entries, refused: new Map() });
    this.journal.settle();
    return entries.map(({ record }) => record.id);
  }

  /** That everything which was ever accepted is accounted for, so many of it delivered, so many waiting. */
  assertBalance(delivered: number, waiting: number): void {
    const { damaged, imbalances, sinks, tweets } = this.journal.use(audit);
    assertEquals([damaged, imbalances], [[], []]);
    assertEquals([tweets.received, tweets.accepted], [this.#lastId, this.#lastId]);
    const [sink] = sinks;
    assertEquals([sink?.due, sink?.delivered, sink?.waiting], [this.#lastId, delivered, waiting]);
    assertEquals([sink?.waitingRows, sink?.lost, sink?.dead], [waiting, 0, 0]);
  }

  [Symbol.dispose](): void {
    this.journal.end();
  }
}

function idsTo(last: number): string[] {
  return Array.from({ length: last }, (_, at) => String(at + 1));
}

/** Waits for room while time goes on; answers whether it came within a minute of the clock. */
async function hasRoomSoon({ clock, journal }: Stand): Promise<boolean> {
  let hasRoom = false;
  const room = journal.room().then(() => hasRoom = true);
  for (let seconds = 0; seconds < 60 && !hasRoom; seconds++) await clock.advance(1_000);
  if (hasRoom) await room;
  return hasRoom;
}

smallDiskTest("a disk that is full in the middle of a group: nothing is lost, and it is told", async (disk) => {
  using stand = new Stand(disk.folder);
  const { clock, journal } = stand;
  stand.accept(20);
  disk.fill();
  // The file has some room of its own until it must grow; the clock stands still, so nobody asks the disk before.
  let written = 20;
  while (journal.fault === undefined) written += stand.accept(50);
  assert(written < 10_000, "it does come to that");
  assertEquals(journal.fault, "database or disk is full");
  const onDisk = written - 50;
  assertEquals(stand.waiting(), idsTo(onDisk), "what was written before is handed out, and nothing else");
  assertEquals(journal.full, false, "there is room in memory yet");
  const more = stand.accept(1_000);
  assertEquals([journal.full, more], [true, 512 - 50]);
  assertEquals(journal.waiting.records, onDisk + 512);
  await clock.advance(10_000);
  assertEquals(stand.waiting(), idsTo(onDisk), "still");
  disk.free();
  assertEquals(await hasRoomSoon(stand), true);
  assertEquals([journal.fault, journal.full], [undefined, false]);
  stand.assertBalance(0, onDisk + 512);
  assertEquals(stand.deliver(), idsTo(onDisk + 512));
  stand.assertBalance(onDisk + 512, 0);
  assertEquals(new Set(stand.toldOf), new Set(["journal_failed", "journal_recovered"]));
});

smallDiskTest("a disk that fills up is full before nothing is left of it, and has room again", async (disk) => {
  using stand = new Stand(disk.folder);
  const { clock, journal } = stand;
  stand.accept(20);
  disk.fill(MEBIBYTE / 2);
  await clock.advance(1_000);
  stand.accept(1);
  assertEquals([journal.full, journal.fault], [true, "less than 5 % of its disk is free"]);
  assertEquals(stand.accept(1), 0);
  assertEquals(stand.deliver(), idsTo(21), "what is inside leaves all the same");
  disk.free();
  assertEquals(await hasRoomSoon(stand), true);
  assertEquals(stand.accept(1), 1);
  stand.assertBalance(21, 1);
  assertEquals(stand.toldOf, ["journal_full", "journal_has_room"]);
});

smallDiskTest(
  "a sink's acknowledgements on a full disk: written when there is room, and nothing is handed out again",
  async (disk) => {
    using stand = new Stand(disk.folder);
    const { journal } = stand;
    disk.fill();
    let written = 0;
    while (journal.fault === undefined) written += stand.accept(50);
    const onDisk = written - 50;
    assertEquals(stand.deliver(), idsTo(onDisk));
    assertEquals(stand.waiting(), [], "it has them, though that is not on disk");
    disk.free();
    assertEquals(await hasRoomSoon(stand), true);
    await stand.clock.advance(2_000);
    stand.assertBalance(onDisk, 50);
    assertEquals(stand.deliver(), idsTo(written).slice(onDisk));
    stand.assertBalance(written, 0);
  },
);

smallDiskTest("ended on a full disk: what was accepted and written is there at the next start", async (disk) => {
  let onDisk = 0;
  {
    using stand = new Stand(disk.folder);
    disk.fill();
    while (stand.journal.fault === undefined) onDisk += stand.accept(50);
    onDisk -= 50;
  }
  disk.free();
  using stand = new Stand(disk.folder);
  assertEquals(stand.waiting(), idsTo(onDisk));
  await stand.clock.advance(1_000);
  assertEquals(stand.journal.fault, undefined);
});

/** Registers a test with a disk that can be made to fail under the journal in this process. */
function failingDiskTest(
  name: string,
  body: (stand: Stand, fail: (failure: Pick<Failure, "calls" | "error">) => Promise<AsyncDisposable>) => Promise<void>,
): void {
  serviceTest({
    name,
    needs: [],
    ignoredBecause: FAILING_DISK_ABSENCE,
    async fn() {
      using folder = new TestFolder();
      using stand = new Stand(folder.path);
      const path = journalPath(folder.path);
      await body(stand, (failure) => failingDisk({ pid: Deno.pid, files: [path, `${path}-wal`], ...failure }));
    },
  });
}

for (const error of ["EIO", "EROFS"] as const) {
  for (const calls of [["pwrite64", "ftruncate"], ["fdatasync", "fsync"]] as const) {
    failingDiskTest(
      `${calls[0]} answers ${error}: what is at hand is kept, and written when it can be`,
      async (stand, fail) => {
        const { clock, journal } = stand;
        stand.accept(20);
        let accepted = 25;
        {
          await using _failure = await fail({ calls: [...calls], error });
          stand.accept(5);
          assertEquals(journal.fault, "disk I/O error");
          accepted += stand.accept(1_000);
          assert(accepted <= 20 + 512, "no more is kept in memory than a group");
          assertEquals([journal.full, stand.accept(1)], [true, 0]);
          await clock.advance(5_000);
          assertEquals([journal.full, stand.accept(1)], [true, 0]);
          assert(journal.fault?.includes("disk I/O error"), journal.fault);
        }
        assertEquals(await hasRoomSoon(stand), true);
        await clock.advance(1_000);
        assertEquals(journal.fault, undefined);
        stand.assertBalance(0, accepted);
        assertEquals(stand.deliver(), idsTo(accepted));
        stand.assertBalance(accepted, 0);
        const told = stand.toldOf;
        assertEquals([told[0], told.at(-1)], ["journal_failed", "journal_recovered"]);
        assert(!told.includes("journal_damaged"), `a disk that fails is no damage: ${told}`);
      },
    );
  }
}

failingDiskTest(
  "reading fails: nothing is handed out, that is told, and all is handed out when it does not",
  async (stand, fail) => {
    const { clock, journal } = stand;
    // More than what memory keeps, of SQLite's pages and of the latest records.
    const last = 512 * 40;
    for (let group = 0; group < 40; group++) stand.accept(512);
    {
      await using _failure = await fail({ calls: ["pread64", "read"], error: "EIO" });
      assertEquals(journal.read("file", 0, { records: 100, bytes: 1e9 }), []);
      assert(journal.fault !== undefined && stand.toldOf.includes("journal_failed"));
      await clock.advance(5_000);
      assert(journal.fault !== undefined);
    }
    assertEquals(await hasRoomSoon(stand), true);
    assertEquals(journal.fault, undefined);
    stand.assertBalance(0, last);
    for (let delivered = 0; delivered < last;) delivered += stand.deliver().length;
    stand.assertBalance(last, 0);
    const told = stand.toldOf;
    assert(!told.includes("journal_damaged"), `a disk that fails is no damage: ${told}`);
  },
);
