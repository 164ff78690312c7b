/**
 * A process that leads a journal's life in a directory: accepts tweets, has sinks acknowledge some, ends the journal and
 * opens it again, and says on stdout what it is about to do and what is now on disk (`power_cut_life.ts`). It goes on
 * where an earlier one has ended, however that was. Arguments: the directory, a seed, how many steps, and, to see what
 * comes of it, another value for SQLite's `synchronous` than the journal's own.
 */

import { Events, lineOf } from "../../src/base/events.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { openJournal } from "../../src/journal/open_journal.ts";
import { FakeClock } from "./fake_clock.ts";
import {
  isRefused,
  isRepeated,
  lifeRecord,
  lifeRules,
  NO_PROGRESS,
  type Progress,
  type Said,
  type Sink,
  SINKS,
} from "./power_cut_life.ts";
import { seeded } from "./seeded.ts";

/** SQLite moves pages from its log into the file after so many: few, so that it often does. */
const CHECKPOINT_PAGES = 40;
/** After so long what was accepted and acknowledged is on disk. */
const GROUP_MS = 20;
const HOUR_MS = 3_600_000;

class Writer {
  readonly #directory: string;
  readonly #chance: () => number;
  readonly #synchronous: string | undefined;
  readonly #clock = new FakeClock();
  #journal: Journal;
  /** What was done, and what of it is on disk. */
  #done = NO_PROGRESS;
  #promised = NO_PROGRESS;

  constructor(directory: string, chance: () => number, synchronous?: string) {
    this.#directory = directory;
    this.#chance = chance;
    this.#synchronous = synchronous;
    this.#journal = this.#opened();
    this.#done = this.#found();
    say({ doing: this.#done });
    this.#promise(this.#done);
  }

  async step(): Promise<void> {
    const fate = this.#chance();
    if (fate < 0.5) await this.#accept(1 + this.#below(25));
    else if (fate < 0.88) await this.#deliver(SINKS[this.#below(SINKS.length)]!, 1 + this.#below(40));
    else if (fate < 0.94) await this.#pass(this.#below(2 * HOUR_MS));
    else {
      this.end();
      this.#journal = this.#opened();
    }
  }

  end(): void {
    this.#journal.end();
    this.#promise(this.#done);
  }

  #opened(): Journal {
    const events = new Events();
    events.listen((event) => {
      if (event.name !== "journal_opened") throw new Error(lineOf(event));
    });
    const disk = () => ({ free: 1e12, size: 1e12 });
    const [directory, clock] = [this.#directory, this.#clock];
    const journal = openJournal({ directory, sinks: SINKS, maxBytes: 1e9, clock, events, disk });
    journal.use((database) => {
      database.script(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      if (this.#synchronous !== undefined) database.script(`PRAGMA synchronous = ${this.#synchronous}`);
    });
    return journal;
  }

  /** What an earlier process has left: a journal hands out what is on disk. */
  #found(): Progress {
    const [file, kafka] = [this.#journal.positionOf("file"), this.#journal.positionOf("kafka")];
    const waiting = this.#journal.read("file", file, { records: 100_000, bytes: 1e9 }).at(-1)?.position;
    const ofKafka = this.#journal.read("kafka", kafka, { records: 100_000, bytes: 1e9 }).at(-1)?.position;
    return { accepted: Math.max(waiting ?? file, ofKafka ?? kafka), file, kafka };
  }

  async #accept(tweets: number): Promise<void> {
    const first = this.#done.accepted + 1;
    this.#do({ accepted: first + tweets - 1 });
    for (let id = first; id < first + tweets; id++) {
      if (isRepeated(id)) this.#journal.count(lifeRules(id), { outcome: "repeated" });
      if (!this.#journal.accept(lifeRecord(id), lifeRules(id))) throw new Error(`Tweet ${id} was not accepted`);
    }
    if (this.#chance() < 0.7) await this.#pass(GROUP_MS);
  }

  async #deliver(sink: Sink, records: number): Promise<void> {
    const entries = this.#journal.read(sink, this.#done[sink], { records, bytes: 50_000 });
    const last = entries.at(-1);
    if (!last) return;
    this.#promise({ accepted: Math.max(last.position, this.#promised.accepted) });
    this.#do({ [sink]: last.position });
    const refused = new Map(
      entries.filter(({ position }) => isRefused(sink, position)).map(({ position }) => [position, "too large"]),
    );
    this.#journal.acknowledge(sink, { entries, refused, receipt: { upTo: last.position } });
    if (this.#chance() < 0.5) await this.#pass(GROUP_MS);
  }

  async #pass(ms: number): Promise<void> {
    await this.#clock.advance(ms);
    if (ms >= GROUP_MS) this.#promise(this.#done);
  }

  #do(progress: Partial<Progress>): void {
    this.#done = { ...this.#done, ...progress };
    say({ doing: this.#done });
  }

  #promise(progress: Partial<Progress>): void {
    this.#promised = { ...this.#promised, ...progress };
    say({ promised: this.#promised });
  }

  #below(limit: number): number {
    return Math.floor(this.#chance() * limit);
  }
}

function say(said: Said): void {
  console.log(JSON.stringify(said));
}

const [directory = "", seed = "1", steps = "100", synchronous] = Deno.args;
const writer = new Writer(directory, seeded(Number(seed)), synchronous);
for (let step = 0; step < Number(steps); step++) await writer.step();
writer.end();
