/**
 * A random life of a journal, with sinks that come and go, and a copy of its files at any moment: what a crash would
 * leave. In every copy counts and rows agree, and at the end each sink has what was accepted for it.
 */

import { assert, assertEquals } from "@std/assert";
import { Sqlite } from "../../../src/base/sqlite.ts";
import { differencesIn } from "../../../src/journal/balance.ts";
import { waitersIn } from "../../../src/journal/sink_positions.ts";
import { COFFEE_RULE, DENO_RULE, JournalFile } from "../../support/journal_file.ts";
import { recordOf } from "../../support/records.ts";
import { withChance } from "../../support/seeded.ts";
import { TestFolder } from "../../support/test_folder.ts";

const SINKS = ["file", "kafka", "sqlite"];
const STEPS = 150;

/** What the test knows: for each sink what is due to it, and what it got. */
class Model {
  readonly due = new Map(SINKS.map((sink) => [sink, new Set<string>()]));
  readonly got = new Map(SINKS.map((sink) => [sink, new Set<string>()]));
  present: readonly string[] = [];
  lastId = 0;
}

Deno.test("whatever happens to a journal, every crash leaves counts and rows that agree, and nothing is forgotten", async () => {
  await withChance(async (chance) => {
    const model = new Model();
    const some = () => SINKS.filter(() => chance() < 0.6);
    model.present = ["file"];
    using file = new JournalFile(model.present);
    for (let step = 0; step < STEPS; step++) {
      await randomStep(file, model, chance, some);
      checkCrash(file, chance);
    }
    model.present = SINKS;
    file.open(SINKS);
    for (const sink of SINKS) {
      for (let more = true; more;) more = deliver(file, model, sink, () => 1, 1_000);
      assertEquals(model.got.get(sink)!.symmetricDifference(model.due.get(sink)!), new Set(), sink);
    }
    file.journal.settle();
    assertEquals(file.journal.waiting, { records: 0, bytes: 0 });
    assertEquals(differences(file.path), []);
  });
});

async function randomStep(file: JournalFile, model: Model, chance: () => number, some: () => string[]): Promise<void> {
  const fate = chance();
  if (fate < 0.45) {
    for (let more = Math.floor(chance() * 30); more > 0; more--) {
      const id = String(++model.lastId);
      const rules = [DENO_RULE, COFFEE_RULE].filter(() => chance() < 0.6);
      if (!file.journal.accept(recordOf(id, "x".repeat(Math.floor(chance() * 3_000))), rules)) continue;
      for (const sink of model.present) model.due.get(sink)!.add(id);
    }
    if (chance() < 0.3) file.journal.count([DENO_RULE], { outcome: "repeated" });
    if (chance() < 0.5) await file.clock.advance(Math.floor(chance() * 40));
  } else if (fate < 0.85) {
    const sink = model.present[Math.floor(chance() * model.present.length)];
    if (sink !== undefined) deliver(file, model, sink, chance, 1 + Math.floor(chance() * 40));
  } else if (fate < 0.95) {
    model.present = some();
    file.open(model.present);
  } else await file.clock.advance(Math.floor(chance() * 4 * 3_600_000));
}

/** Hands a sink one batch, of which it refuses some; answers whether there was one. */
function deliver(file: JournalFile, model: Model, sink: string, chance: () => number, records: number): boolean {
  const entries = file.journal.read(sink, file.journal.positionOf(sink), { records, bytes: 50_000 });
  if (entries.length === 0) return false;
  const refused = new Map(entries.filter(() => chance() < 0.05).map(({ position }) => [position, "chance"]));
  file.journal.acknowledge(sink, { entries, refused });
  for (const { record } of entries) {
    assert(model.due.get(sink)!.has(record.id), `${sink} got ${record.id}, which was not accepted for it`);
    assert(!model.got.get(sink)!.has(record.id), `${sink} got ${record.id} twice`);
    model.got.get(sink)!.add(record.id);
  }
  return true;
}

/** Copies the files as they are, and looks into the copy as the next start would. */
function checkCrash(file: JournalFile, chance: () => number): void {
  if (chance() < 0.5) return;
  using copy = new TestFolder();
  for (const ending of ["", "-wal"]) {
    Deno.copyFileSync(`${file.path}${ending}`, `${copy.path}/journal.db${ending}`);
  }
  assertEquals(differences(`${copy.path}/journal.db`), []);
}

function differences(path: string) {
  const database = new Sqlite(path);
  try {
    return database.transaction(() => differencesIn(database, waitersIn(database)));
  } finally {
    database.close();
  }
}
