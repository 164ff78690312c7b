/**
 * A real journal in a folder of its own, with rules and a clock that stands still, for tests of what looks into one.
 *
 * @module
 */
import { Events } from "../../src/base/events.ts";
import { Sqlite } from "../../src/base/sqlite.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { journalPath, openJournal } from "../../src/journal/open_journal.ts";
import type { JsonValue } from "../../src/model/json.ts";
import type { Rule } from "../../src/model/rule.ts";
import { FakeClock } from "./fake_clock.ts";
import { recordOf } from "./records.ts";

export const DENO_RULE: Rule = ruleOf("deno");
export const COFFEE_RULE: Rule = ruleOf("coffee");

export class JournalFile implements Disposable {
  readonly clock: FakeClock;
  readonly directory = Deno.makeTempDirSync({ prefix: "traptor-test-" });
  #journal: Journal | undefined;

  constructor(sinks: readonly string[] = ["file"], now?: number) {
    this.clock = new FakeClock(now);
    this.open(sinks);
  }

  get path(): string {
    return journalPath(this.directory);
  }

  get journal(): Journal {
    if (!this.#journal) throw new Error("The journal is closed");
    return this.#journal;
  }

  /** Ends the journal, and opens it again for other sinks. */
  open(sinks: readonly string[]): void {
    this.end();
    const disk = () => ({ free: 1e12, size: 1e12 });
    const { clock, directory } = this;
    this.#journal = openJournal({ directory, sinks, maxBytes: 1e9, clock, events: new Events(), disk });
  }

  end(): void {
    this.#journal?.end();
    this.#journal = undefined;
  }

  /** Accepts tweets with the ids from one to another. */
  accept(from: number, to: number, rules: readonly Rule[] = [DENO_RULE]): void {
    for (let id = from; id <= to; id++) this.journal.accept(recordOf(id), rules);
    this.journal.settle();
  }

  /** A sink takes everything that waits for it but the ids that it refuses. */
  deliver(sink: string, refuse: readonly number[] = [], receipt?: JsonValue): string[] {
    const entries = this.journal.read(sink, this.journal.positionOf(sink), { records: 100_000, bytes: 1e9 });
    const refused = new Map(
      entries.filter(({ record }) => refuse.includes(Number(record.id))).map(({ position }) => [position, "too large"]),
    );
    this.journal.acknowledge(sink, { entries, refused, receipt });
    this.journal.settle();
    return entries.map(({ record }) => record.id);
  }

  /** Changes the file by hand, as nobody should. */
  tamper(...statements: readonly string[]): void {
    const database = new Sqlite(this.path);
    try {
      for (const statement of statements) database.script(statement);
    } finally {
      database.close();
    }
  }

  [Symbol.dispose](): void {
    this.end();
    Deno.removeSync(this.directory, { recursive: true });
  }
}

function ruleOf(value: string): Rule {
  return { ruleId: value, slot: { type: "track", id: 0 }, value, tag: null, extra: {} };
}
