/**
 * Opens a journal after a power cut, as the collector does, and compares it with what its writer did and what it was
 * promised (`power_cut_life.ts`).
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Events, lineOf } from "../../src/base/events.ts";
import { audit } from "../../src/journal/audit.ts";
import { readCopy } from "../../src/journal/counter_copy.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { counterCopyPath, openJournal } from "../../src/journal/open_journal.ts";
import type { BacklogEntry } from "../../src/model/backlog.ts";
import { FakeClock } from "./fake_clock.ts";
import { isRefused, isRepeated, lifeRecord, lifeRules, type Progress, type Sink, SINKS } from "./power_cut_life.ts";

/** What has to be there: at least what was promised, and at most what was being done. */
export interface Bounds {
  readonly promised: Progress;
  readonly doing: Progress;
}

/**
 * Throws AssertionError, or what the journal throws, where anything is missing or too much. Nothing may have to be saved
 * either: SQLite itself makes good a power cut.
 */
export function checkAfterPowerCut(directory: string, { promised, doing }: Bounds): void {
  const journal = opened(directory, hearingOfNothingElse());
  try {
    const found = checkWhatWaits(journal);
    for (const what of ["accepted", ...SINKS] as const) {
      const isBetween = promised[what] <= found[what] && found[what] <= doing[what];
      assert(isBetween, `${what}: up to ${found[what]}; ${promised[what]} promised, ${doing[what]} being done`);
    }
    checkIds(journal, found.accepted, doing.accepted);
    checkCounts(journal, found);
    checkCopy(directory, found.accepted);
    checkThatItGoesOn(journal, found.accepted + 1);
  } finally {
    journal.end();
  }
}

/**
 * The same for a disk that had said to have written what it had not: then something may be gone, and the journal may have
 * to be saved; but whatever it hands out is what was accepted, its counts agree with its rows, and it goes on.
 */
export function checkAfterTear(directory: string): void {
  const journal = opened(directory, new Events());
  const imbalances = () => journal.use((database) => database.transaction(() => audit(database))).imbalances;
  try {
    assertEquals(imbalances(), []);
    for (const sink of SINKS) {
      const entries = waitingFor(journal, sink);
      for (const { record } of entries) assertEquals(record, lifeRecord(Number(record.id)));
      journal.acknowledge(sink, { entries, refused: new Map() });
    }
    journal.settle();
    assertEquals(imbalances(), []);
    checkThatItGoesOn(journal, UNHEARD_OF);
  } finally {
    journal.end();
  }
}

/** An id that no writer has come to. */
const UNHEARD_OF = 1_000_000;

function hearingOfNothingElse(): Events {
  const events = new Events();
  events.listen((event) => assertEquals(event.name, "journal_opened", lineOf(event)));
  return events;
}

function opened(directory: string, events: Events): Journal {
  const disk = () => ({ free: 1e12, size: 1e12 });
  return openJournal({ directory, sinks: SINKS, maxBytes: 1e9, clock: new FakeClock(), events, disk });
}

/** Each sink gets everything from its position on, without a hole, to the same end, byte for byte. */
function checkWhatWaits(journal: Journal): Progress {
  const [file, kafka] = [journal.positionOf("file"), journal.positionOf("kafka")];
  const waiting = SINKS.map((sink) => waitingFor(journal, sink));
  const accepted = Math.max(file, kafka, ...waiting.flat().map(({ position }) => position));
  for (const [index, position] of [file, kafka].entries()) {
    assertEquals(waiting[index]!.map((entry) => entry.position), idsFrom(position + 1, accepted));
    for (const entry of waiting[index]!) assertEquals(entry.record, lifeRecord(entry.position));
  }
  return { accepted, file, kafka };
}

function waitingFor(journal: Journal, sink: Sink): BacklogEntry[] {
  const found: BacklogEntry[] = [];
  for (let after = journal.positionOf(sink);;) {
    const entries = journal.read(sink, after, { records: 100, bytes: 1e9 });
    const last = entries.at(-1);
    if (!last) return found;
    found.push(...entries);
    after = last.position;
  }
}

/** What is there is known for a repeat; what is not there is taken when it comes again. */
function checkIds(journal: Journal, accepted: number, atMost: number): void {
  assertEquals(idsFrom(1, atMost + 1).filter((id) => journal.hasSeen(String(id))), idsFrom(1, accepted));
}

/** The counts are those of exactly the tweets that are there. */
function checkCounts(journal: Journal, { accepted, ...positions }: Progress): void {
  const found = journal.use((database) => database.transaction(() => audit(database)));
  assertEquals([found.imbalances, found.damaged, found.gaps], [[], [], []]);
  const repeated = idsFrom(1, accepted).filter(isRepeated).length;
  assertEquals(found.tweets, { received: accepted + repeated, accepted, repeated, dropped: {} });
  const sinks = SINKS.map((sink) => {
    const dead = idsFrom(1, positions[sink]).filter((id) => isRefused(sink, id)).length;
    const waiting = accepted - positions[sink];
    const delivered = positions[sink] - dead;
    return { sink, due: accepted, delivered, dead, unread: 0, lost: 0, waiting, waitingRows: waiting };
  });
  assertEquals(found.sinks, sinks);
  const receipts = journal.use((database) =>
    SINKS.map((sink) => database.get<{ upTo: number | null }>(LAST_RECEIPT, sink)?.upTo ?? 0)
  );
  assertEquals(receipts, SINKS.map((sink) => positions[sink]));
  assertEquals(journal.use((database) => database.all("PRAGMA integrity_check")), [{ integrity_check: "ok" }]);
}

const LAST_RECEIPT = "SELECT max(last_position) AS upTo FROM receipts WHERE sink = ?";

/** The second copy of the counts is a whole one, and not ahead of the journal. */
function checkCopy(directory: string, accepted: number): void {
  const path = counterCopyPath(directory);
  const isThere = [...Deno.readDirSync(directory)].some(({ name }) => path.endsWith(`/${name}`));
  if (!isThere) return;
  const copy = readCopy(path);
  assert(copy !== undefined, "the second copy of the counts cannot be read");
  assert(copy.lastPosition <= accepted, `the copy is at ${copy.lastPosition}, the journal at ${accepted}`);
}

function checkThatItGoesOn(journal: Journal, next: number): void {
  assert(journal.accept(lifeRecord(next), lifeRules(next)));
  journal.settle();
  for (const sink of SINKS) {
    const entries = waitingFor(journal, sink);
    assertEquals(entries.at(-1)?.record, lifeRecord(next));
    journal.acknowledge(sink, { entries, refused: new Map() });
  }
  journal.settle();
  assertEquals(journal.waiting, { records: 0, bytes: 0 });
}

function idsFrom(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
