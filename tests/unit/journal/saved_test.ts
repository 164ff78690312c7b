/** What is saved of a journal is saved whole: at any crash, with any change in its log, while it is in use. */

import { assert, assertEquals } from "@std/assert";
import { Sqlite } from "../../../src/base/sqlite.ts";
import { audit } from "../../../src/journal/audit.ts";
import { lookIntoJournal } from "../../../src/journal/journal_reader.ts";
import { DENO_RULE, JournalFile } from "../../support/journal_file.ts";
import { recordOf } from "../../support/records.ts";
import { withChance } from "../../support/seeded.ts";

const RECORDS = 200;
const GROUP = 10;

/** A journal as a crash leaves it: everything that was committed is in its log. */
function crashed(chance: () => number): JournalFile {
  using file = new JournalFile();
  for (let id = 1; id <= RECORDS; id++) {
    file.journal.accept(recordOf(id, "x".repeat(Math.floor(chance() * 4_000))), [DENO_RULE]);
    if (id % GROUP === 0) file.journal.settle();
  }
  const copy = new JournalFile();
  copy.end();
  for (const ending of ["", "-wal"]) Deno.copyFileSync(`${file.path}${ending}`, `${copy.path}${ending}`);
  return copy;
}

/** Delivers everything; the ids. */
function delivered(file: JournalFile): string[] {
  const ids: string[] = [];
  for (let more = file.deliver("file"); more.length > 0; more = file.deliver("file")) ids.push(...more);
  return ids;
}

function lostAndGaps(file: JournalFile): { lost: number; gaps: string[]; imbalances: unknown } {
  const { gaps, imbalances, sinks } = lookIntoJournal(file.path, audit);
  return { lost: sinks[0]?.lost ?? 0, gaps: gaps.map(({ cause }) => cause), imbalances };
}

function flip(path: string, at: number, chance: () => number): void {
  const bytes = Deno.readFileSync(path);
  bytes[at]! ^= 1 << Math.floor(chance() * 8);
  Deno.writeFileSync(path, bytes);
}

function damagedFilesOf({ directory }: JournalFile): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).filter((name) => /damaged-.*Z$/.test(name));
}

Deno.test("a crash leaves a log that is taken as it is", async () => {
  await withChance((chance) => {
    using file = crashed(chance);
    assert(Deno.statSync(`${file.path}-wal`).size > 100_000);
    file.open(["file"]);
    assertEquals(delivered(file).length, RECORDS);
    assertEquals([lostAndGaps(file), damagedFilesOf(file)], [{ lost: 0, gaps: [], imbalances: [] }, []]);
  });
});

Deno.test("a byte that changed in the log costs its own tweets at most, and they are counted; what follows is there", async () => {
  await withChance((chance) => {
    for (let round = 0; round < 20; round++) {
      using file = crashed(chance);
      const log = `${file.path}-wal`;
      // The last commit of all cannot be told from one that a power cut tore.
      const at = Math.floor(chance() * Deno.statSync(log).size * 0.9);
      flip(log, round === 0 ? 16 : at, chance);
      file.open(["file"]);
      const ids = delivered(file);
      const { imbalances, lost } = lostAndGaps(file);
      assertEquals(imbalances, []);
      assertEquals(ids.length + lost, RECORDS, `a flip at ${at}: ${ids.length} delivered`);
      assert(ids.length >= RECORDS - 2 * GROUP, `a flip at ${at}: only ${ids.length} delivered`);
      assertEquals(damagedFilesOf(file).length, 1);
      file.accept(1_001, 1_002);
      assertEquals(delivered(file), ["1001", "1002"]);
    }
  });
});

Deno.test("a log that was cut off, as by a power cut, is no damage", async () => {
  await withChance((chance) => {
    for (let round = 0; round < 5; round++) {
      using file = crashed(chance);
      const log = Deno.readFileSync(`${file.path}-wal`);
      Deno.writeFileSync(`${file.path}-wal`, log.slice(0, Math.floor(log.length * (0.5 + chance() / 2))));
      file.open(["file"]);
      const ids = delivered(file);
      assertEquals(ids, Array.from({ length: ids.length }, (_, at) => String(at + 1)), "a beginning without a hole");
      assertEquals([lostAndGaps(file), damagedFilesOf(file)], [{ lost: 0, gaps: [], imbalances: [] }, []]);
    }
  });
});

/** The states in which a crash leaves a journal that is being saved. */
const CRASHES: readonly [string, (path: string, damaged: Uint8Array, log: Uint8Array) => void][] = [
  ["before anything was saved", (path, damaged) => {
    Deno.writeFileSync(path, damaged);
    Deno.writeFileSync(`${path}.saving`, damaged.slice(0, 10_000));
  }],
  ["when all was saved", (path, damaged, log) => {
    Deno.renameSync(path, `${path}.saved`);
    Deno.writeFileSync(path, damaged);
    Deno.writeFileSync(`${path}-wal`, log);
  }],
  ["when the damaged log was moved", (path, damaged) => {
    Deno.renameSync(path, `${path}.saved`);
    Deno.writeFileSync(path, damaged);
  }],
  ["when the damaged file was moved", (path) => Deno.renameSync(path, `${path}.saved`)],
];

for (const [when, leave] of CRASHES) {
  Deno.test(`a crash while a journal is saved, ${when}, costs nothing`, async () => {
    await withChance((chance) => {
      using file = crashed(chance);
      const log = Deno.readFileSync(`${file.path}-wal`);
      file.open(["file"]);
      file.accept(RECORDS + 1, 2 * RECORDS);
      file.end();
      const damaged = Deno.readFileSync(file.path);
      damaged.fill(170, 100, 200);
      leave(file.path, damaged, log);
      file.open(["file"]);
      assertEquals(delivered(file).length, 2 * RECORDS);
      assertEquals(lostAndGaps(file), { lost: 0, gaps: [], imbalances: [] });
      const names = [...Deno.readDirSync(file.directory)].map(({ name }) => name);
      assertEquals(names.filter((name) => /sav(ed|ing)/.test(name)), []);
    });
  });
}

Deno.test("damage that shows while acknowledgements are at hand leaves counts that agree with the rows", async () => {
  await withChance(async (chance) => {
    let salvaged = 0;
    for (let round = 0; round < 10; round++) {
      using file = new JournalFile(["file", "kafka"]);
      file.accept(1, 120);
      // One sink has a part on disk and a part at hand, and one more batch out; the other has nothing.
      file.deliver("file", [7]);
      // Within this minute the second copy of the counts is written.
      await file.clock.advance(61_000);
      file.accept(121, 300);
      const { journal } = file;
      const next = () => journal.read("file", journal.positionOf("file"), { records: 30, bytes: 1e9 });
      for (let batch = 0; batch < 3; batch++) journal.acknowledge("file", { entries: next(), refused: new Map() });
      const out = next();
      // What another process has changed is read again, and is garbage by then.
      file.tamper(
        "INSERT INTO commands (asked_at, name, arguments) VALUES (1, '', '')",
        "PRAGMA wal_checkpoint(TRUNCATE)",
      );
      const bytes = Deno.readFileSync(file.path);
      Deno.writeFileSync(file.path, bytes.fill(170, 8_192 * (1 + Math.floor(chance() * bytes.length / 8_192 / 2))));
      journal.accept(recordOf(301), [DENO_RULE]);
      journal.settle();
      journal.acknowledge("file", { entries: out, refused: new Map() });
      journal.settle();
      const found = delivered(file);
      assertEquals(found.at(-1), "301");
      file.deliver("kafka");
      file.open(["file", "kafka"]);
      delivered(file);
      file.deliver("kafka");
      const { imbalances, sinks } = lookIntoJournal(file.path, audit);
      assertEquals(imbalances, []);
      for (const { due, delivered, dead, lost, waiting } of sinks) {
        assertEquals([due, due - delivered - dead - lost, waiting], [301, 0, 0]);
      }
      salvaged += damagedFilesOf(file).length;
    }
    assert(salvaged >= 5, `only ${salvaged} of 10 were damaged`);
  });
});

Deno.test("a file of somebody else in the journal's place is set aside whole", () => {
  using file = new JournalFile();
  file.end();
  Deno.removeSync(file.path);
  const foreign = new Sqlite(file.path);
  foreign.script("CREATE TABLE records (name TEXT); INSERT INTO records VALUES ('theirs')");
  foreign.close();
  file.open(["file"]);
  file.accept(1, 1);
  assertEquals(delivered(file), ["1"]);
  const [aside] = damagedFilesOf(file);
  const kept = new Sqlite(`${file.directory}/${aside}`);
  assertEquals(kept.all<{ name: string }>("SELECT * FROM records").map(({ name }) => name), ["theirs"]);
  kept.close();
});

Deno.test("of damaged files the newest three are kept", async () => {
  using file = new JournalFile();
  for (let hour = 1; hour <= 5; hour++) {
    file.accept(hour, hour);
    file.end();
    Deno.writeFileSync(file.path, new Uint8Array(10_000).fill(hour));
    await file.clock.advance(3_600_000);
    file.open(["file"]);
  }
  assertEquals(damagedFilesOf(file).length, 3);
});
