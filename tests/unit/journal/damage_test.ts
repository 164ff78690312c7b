/**
 * A journal whose file is hurt, and opened again without a person: what can be read is delivered, the rest is counted as
 * lost, and the damaged file is kept.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { SettingsError } from "../../../src/base/errors.ts";
import { Sqlite } from "../../../src/base/sqlite.ts";
import { audit } from "../../../src/journal/audit.ts";
import { differencesIn } from "../../../src/journal/balance.ts";
import { counterCopyPath } from "../../../src/journal/open_journal.ts";
import { waitersIn } from "../../../src/journal/sink_positions.ts";
import { COFFEE_RULE, DENO_RULE, JournalFile } from "../../support/journal_file.ts";
import { recordOf } from "../../support/records.ts";
import { withChance } from "../../support/seeded.ts";

const RECORDS = 300;

/** A closed journal with records of every size, of which a third is delivered. */
function filled(chance: () => number): JournalFile {
  const file = new JournalFile();
  for (let id = 1; id <= RECORDS; id++) {
    const rules = chance() < 0.5 ? [DENO_RULE] : [DENO_RULE, COFFEE_RULE];
    file.journal.accept(recordOf(id, "x".repeat(Math.floor(chance() * 6_000))), rules);
  }
  file.journal.settle();
  const entries = file.journal.read("file", 0, { records: RECORDS / 3, bytes: 1e9 });
  file.journal.acknowledge("file", { entries, refused: new Map() });
  file.end();
  return file;
}

/** Delivers everything; the ids, each with whether its bytes are what was accepted. */
function delivered(file: JournalFile): string[] {
  const ids: string[] = [];
  while (true) {
    const entries = file.journal.read("file", file.journal.positionOf("file"), { records: 50, bytes: 1e9 });
    if (entries.length === 0) break;
    for (const { record } of entries) {
      assertEquals(JSON.parse(new TextDecoder().decode(record.value)).data.id, record.id, "no damaged bytes get out");
      ids.push(record.id);
    }
    file.journal.acknowledge("file", { entries, refused: new Map() });
  }
  file.journal.settle();
  return ids;
}

function look<Result>(file: JournalFile, read: (database: Sqlite) => Result): Result {
  const database = new Sqlite(file.path);
  try {
    return database.transaction(() => read(database));
  } finally {
    database.close();
  }
}

function lostIn(file: JournalFile): number {
  return look(file, (database) =>
    database.get<{ lost: number }>(
      "SELECT coalesce(sum(count), 0) AS lost FROM counters WHERE outcome = 'lost' AND rule = 0",
    )!.lost);
}

function hurt(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
  Deno.writeFileSync(path, change(Deno.readFileSync(path)));
}

Deno.test("flipped bytes anywhere: nothing damaged gets out, the rest is delivered, and all is accounted for", async () => {
  await withChance((chance) => {
    for (let round = 0; round < 25; round++) {
      using file = filled(chance);
      hurt(file.path, (bytes) => {
        for (let flips = 1 + Math.floor(chance() * 4); flips > 0; flips--) {
          bytes[Math.floor(chance() * bytes.length)]! ^= 1 << Math.floor(chance() * 8);
        }
        return bytes;
      });
      file.open(["file"]);
      // What shows after an acknowledgement and before it is written brings the batch once more.
      const ids = [...new Set(delivered(file))];
      const lost = lostIn(file);
      // A flip in the file's free space hurts nothing; one in the counts may hurt those alone.
      const expected = RECORDS * 2 / 3;
      assert(ids.length <= RECORDS && ids.length + lost >= expected, `${ids.length} delivered, ${lost} lost`);
      file.accept(1_001, 1_003);
      assertEquals(delivered(file).slice(-3), ["1001", "1002", "1003"], "it goes on");
      assertEquals(look(file, audit).imbalances, []);
    }
  });
});

Deno.test("cut off anywhere: whatever the file still holds is delivered, and what is missing is counted", async () => {
  await withChance((chance) => {
    for (let round = 0; round < 25; round++) {
      using file = filled(chance);
      hurt(file.path, (bytes) => bytes.slice(0, Math.floor(chance() * bytes.length)));
      file.open(["file"]);
      const ids = delivered(file);
      assertEquals(new Set(ids).size, ids.length);
      file.accept(1_001, 1_003);
      assertEquals(delivered(file), ["1001", "1002", "1003"], "it goes on");
      assertEquals(look(file, audit).imbalances, []);
    }
  });
});

Deno.test("a file that is nothing of ours is set aside and kept, and the counts come from their copy", async () => {
  await withChance(async (chance) => {
    using file = filled(chance);
    file.open(["file"]);
    await file.clock.advance(61_000);
    file.accept(1_001, 1_001);
    file.end();
    assert(Deno.statSync(counterCopyPath(file.directory)).isFile);
    hurt(file.path, (bytes) => bytes.map(() => 7));
    file.open(["file"]);
    assertEquals(delivered(file), []);
    assertEquals(lostIn(file), RECORDS * 2 / 3 + 1);
    const gaps = look(file, (database) => database.all<{ detail: string }>("SELECT detail FROM gaps ORDER BY number"));
    assertEquals(gaps.map(({ detail }) => detail), ["the journal was damaged, and its counts are not known", ""]);
    const kept = [...Deno.readDirSync(file.directory)].filter(({ name }) => name.includes("damaged"));
    assertEquals(kept.length >= 1, true);
    assertEquals(look(file, (database) => differencesIn(database, waitersIn(database))), []);
  });
});

Deno.test("a row whose bytes were changed is lost and counted, the others are delivered", () => {
  using file = new JournalFile();
  file.accept(1, 5);
  file.end();
  file.tamper('UPDATE records SET value = CAST(\'{"data":{"id":"3"}}\' AS BLOB) WHERE position = 3');
  file.open(["file"]);
  assertEquals(delivered(file), ["1", "2", "4", "5"]);
  assertEquals([lostIn(file), file.journal.waiting.records], [1, 0]);
  assertEquals(look(file, (database) => differencesIn(database, waitersIn(database))), []);
});

Deno.test("a number that cannot be, and ranges that are none, end no start", () => {
  using file = new JournalFile();
  file.accept(1, 5);
  file.end();
  file.tamper(
    "UPDATE records SET accepted_at = 9007199254740993 WHERE position = 3",
    "UPDATE sinks SET skips = '[[1,'",
  );
  file.open(["file"]);
  assertEquals(delivered(file), ["1", "2", "4", "5"]);
  assertEquals(lostIn(file), 1);
  assertEquals(look(file, (database) => differencesIn(database, waitersIn(database))), []);
});

Deno.test("an empty file is a new journal; one that a newer traptor has written is refused and left as it is", () => {
  using file = new JournalFile();
  file.end();
  Deno.writeFileSync(file.path, new Uint8Array());
  file.open(["file"]);
  file.accept(1, 1);
  assertEquals(delivered(file), ["1"]);
  file.end();
  file.tamper("PRAGMA user_version = 99");
  assertThrows(() => file.open(["file"]), SettingsError, "a newer traptor has written it (version 99");
});

Deno.test("damage that shows while it runs is mended while it runs", () => {
  using file = new JournalFile();
  file.accept(1, 3);
  file.open(["file"]);
  // Behind SQLite's back: the file is garbage from its second page on.
  const bytes = Deno.readFileSync(file.path);
  hurt(file.path, () => bytes.fill(170, 8_192));
  file.journal.accept(recordOf(4), [DENO_RULE]);
  file.journal.settle();
  file.clock.advance(1_000);
  file.journal.accept(recordOf(5), [DENO_RULE]);
  file.journal.settle();
  const ids = delivered(file);
  assert(ids.includes("4") && ids.includes("5"), `${ids}`);
});
