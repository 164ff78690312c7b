/**
 * The journal: accepted tweets until every sink has them, the ids of those that came, and the counts, in one SQLite
 * file. A record is accepted when the group that it is in is on disk: at most 512 records, at most 20 ms.
 *
 * It promises: what it handed out to a sink was on disk before; a record stays until every sink that was there when it
 * was accepted has acknowledged it, or will never take it and it is a dead letter; counts and records are written in one
 * transaction, so a crash leaves both or neither. Where the disk takes nothing, what is at hand is kept and written when
 * it does again. It does not promise that a repeat older than two days is known for one.
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import { type Sqlite, SqliteError } from "../base/sqlite.ts";
import type {
  AcceptedFacts,
  Acknowledgement,
  Backlog,
  BacklogEntry,
  BatchLimits,
  NotAccepted,
  Position,
} from "../model/backlog.ts";
import type { TweetRecord } from "../model/record.ts";
import type { Rule } from "../model/rule.ts";
import { COPY_EVERY_MS, writeCopy } from "./counter_copy.ts";
import { Group, type Totals } from "./group.ts";
import { Housekeeping } from "./housekeeping.ts";
import { RecentRecords } from "./recent_records.ts";
import { readRecords } from "./record_rows.ts";
import { RuleNumbers } from "./rule_numbers.ts";
import type { SinkPositions } from "./sink_positions.ts";
import type { Space } from "./space.ts";

/** A journal's file, open, with what it held then. */
export interface OpenedFile {
  readonly database: Sqlite;
  readonly sinks: SinkPositions;
  readonly space: Space;
  /** The last position that was handed out. */
  readonly last: Position;
  readonly waiting: Totals["waiting"];
}

export interface JournalOptions {
  /** Opens the file; after damage, what was saved of it. */
  readonly open: (damage?: string) => OpenedFile;
  /** Where the second copy of the counts is kept. */
  readonly copyPath: string;
  readonly clock: Clock;
  readonly events: Events;
}

/** A dead letter that is to be tried again; its sink is one of those that records are accepted for. */
export interface RevivedLetter {
  readonly number: number;
  readonly sink: string;
  readonly record: TweetRecord;
  readonly facts: AcceptedFacts;
}

const GROUP_RECORDS = 512;
const GROUP_MS = 20;
/** How long after a failure the disk is tried again. */
const RETRY_MS = 1_000;

export class Journal implements Backlog {
  readonly isKept = true;
  readonly #options: JournalOptions;
  readonly #rules: RuleNumbers;
  readonly #recent = new RecentRecords();
  #file: OpenedFile;
  #housekeeping: Housekeeping;
  #group = new Group();
  #cancelTimer: (() => void) | undefined;
  /** Positions handed out, and those that are on disk. */
  #last: Position;
  #committed: Position;
  /** Up to where records have left the file. */
  #left: Position = 0;
  #written: Totals["waiting"];
  #trouble: string | undefined;
  #closed = false;
  #copiedAt: number;
  #wakes: (() => void)[] = [];

  /** Throws what `open` throws. */
  constructor(options: JournalOptions) {
    this.#options = options;
    this.#file = options.open();
    const { database, last, waiting } = this.#file;
    this.#rules = new RuleNumbers(database);
    this.#housekeeping = new Housekeeping(database, options.clock, this.#file.space.maxBytes);
    this.#last = this.#committed = last;
    this.#written = waiting;
    this.#copiedAt = options.clock.monotonic();
  }

  /** On disk and not delivered yet, and what is about to be written. */
  get waiting(): { records: number; bytes: number } {
    const { records } = this.#group;
    const bytes = records.reduce((sum, { record }) => sum + record.value.length, 0);
    return { records: this.#written.records + records.length, bytes: this.#written.bytes + bytes };
  }

  /** Why nothing can be taken now; undefined when it can. */
  get fault(): string | undefined {
    return this.#trouble ?? this.#file.space.reason;
  }

  get path(): string {
    return this.#file.database.path;
  }

  /** The pages that it uses, in bytes. */
  get usedBytes(): number {
    return this.#file.space.usedBytes;
  }

  get full(): boolean {
    return this.#file.space.isFull || (this.#trouble !== undefined && this.#group.records.length >= GROUP_RECORDS);
  }

  get closed(): boolean {
    return this.#closed;
  }

  async room(): Promise<void> {
    // Room may come back without a group being written: others have freed the disk.
    while (this.full && !this.#closed) {
      const cancel = this.#options.clock.after(RETRY_MS, () => this.#wakeAll());
      await this.#change();
      cancel();
    }
  }

  hasSeen(id: string): boolean {
    if (this.#group.has(id)) return true;
    return this.#read(() => this.#file.database.get("SELECT 1 FROM seen WHERE id = ?", id) !== undefined);
  }

  accept(record: TweetRecord, rules: readonly Rule[]): boolean {
    if (this.#closed || this.full) return false;
    const facts = this.#facts(rules);
    this.#last += 1;
    this.#group.add({ position: this.#last, record, facts });
    this.#group.tally.add(facts, "received");
    this.#group.tally.add(facts, "accepted");
    for (const sink of this.#file.sinks.present) this.#group.tally.add(facts, "due", sink);
    this.#schedule();
    return true;
  }

  count(rules: readonly Rule[], why: NotAccepted): void {
    const facts = this.#facts(rules);
    this.#group.tally.add(facts, "received");
    this.#group.tally.add(facts, why.outcome, why.outcome === "dropped" ? why.reason : "");
    this.#schedule();
  }

  positionOf(sink: string): Position {
    return this.#file.sinks.positionOf(sink);
  }

  read(sink: string, after: Position, limits: BatchLimits): BacklogEntry[] {
    const { sinks } = this.#file;
    let from = sinks.nothingBefore(sink, after);
    while (from < this.#committed) {
      const { entries, upTo } = this.#recordsAfter(sink, from, limits);
      const own = entries.filter(({ position }) => sinks.isFor(sink, position));
      if (own.length > 0) return own;
      sinks.foundNothing(sink, after, from = upTo);
      this.#schedule();
    }
    return [];
  }

  #recordsAfter(sink: string, after: Position, limits: BatchLimits) {
    const recent = this.#recent.after(after, sink, limits);
    if (recent) return { entries: recent, upTo: recent.at(-1)?.position ?? this.#committed };
    const range = { after, upTo: this.#committed, sink };
    const { damaged, ...rows } = this.#read(() => readRecords(this.#file.database, range, limits));
    for (const { position, facts } of damaged) this.#lose(position, facts);
    return rows;
  }

  async more(sink: string, after: Position): Promise<void> {
    while (this.#file.sinks.nothingBefore(sink, after) >= this.#committed && !this.#closed) await this.#change();
  }

  acknowledge(sink: string, { entries, refused, receipt }: Acknowledgement): void {
    const { clock } = this.#options;
    const { sinks } = this.#file;
    const [first, last] = [entries[0], entries.at(-1)];
    if (!first || !last) return;
    sinks.advance(sink, last.position, this.#committed);
    for (const entry of entries) {
      const reason = refused.get(entry.position);
      this.#group.tally.add(entry.facts, reason === undefined ? "delivered" : "dead", sink);
      if (reason !== undefined) this.#group.dead.push({ sink, reason, diedAt: clock.now(), entry });
    }
    if (receipt !== undefined) {
      const place = { sink, first: first.position, last: last.position, at: clock.now() };
      this.#group.receipts.push({ ...place, receipt });
    }
    // What follows may be for other sinks alone: then it waits for this one no longer.
    if (last.position < this.#committed) this.read(sink, last.position, { records: 1, bytes: 1 });
    this.#recent.forgetUpTo(sinks.delivered(this.#committed));
    this.#schedule();
  }

  leave(sink: string): number {
    this.#commit();
    const { sinks } = this.#file;
    let missed = 0;
    for (let after = sinks.positionOf(sink);;) {
      const entries = this.read(sink, after, { records: 1_000, bytes: 4_000_000 });
      const last = entries.at(-1);
      if (!last) break;
      for (const { facts } of entries) this.#group.tally.add(facts, "unread", sink);
      missed += entries.length;
      after = last.position;
    }
    sinks.leave(sink, this.#last);
    this.#schedule();
    return missed;
  }

  settle(): void {
    this.#commit();
  }

  close(): void {
    this.#closed = true;
    this.#commit();
    this.#wakeAll();
  }

  /** Writes what is left, and lets go of the file. */
  end(): void {
    this.#closed = true;
    this.#commit();
    this.#cancelTimer?.();
    this.#file.database.close();
  }

  /** The sinks that records are accepted for. */
  get sinks(): readonly string[] {
    return this.#file.sinks.present;
  }

  /** Does something with those tables of the file that are not the backlog's own. Throws SqliteError. */
  use<Result>(work: (database: Sqlite) => Result): Result {
    return this.#read(() => work(this.#file.database));
  }

  /** Dead letters become records again, at the end; only their own sinks get them. Written at once, where that can be. */
  takeBack(letters: readonly RevivedLetter[]): void {
    for (const { number, sink, record, facts } of letters) {
      if (this.#group.revived.includes(number)) continue;
      this.#group.revived.push(number);
      this.#last += 1;
      this.#group.add({ position: this.#last, record, facts, onlySink: sink });
      this.#group.tally.add(facts, "dead", sink, -1);
    }
    this.#commit();
  }

  #facts(rules: readonly Rule[]): AcceptedFacts {
    return { at: this.#options.clock.now(), rules: rules.map((rule) => this.#rules.of(rule)) };
  }

  #lose(position: Position, facts: AcceptedFacts): void {
    if (this.#group.damaged.includes(position)) return;
    const { events } = this.#options;
    const { sinks } = this.#file;
    this.#group.damaged.push(position);
    for (const sink of sinks.waitingFor(position)) this.#group.tally.add(facts, "lost", sink);
    events.emit("record_damaged", { position, accepted: new Date(facts.at).toISOString() });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#trouble === undefined && this.#group.records.length >= GROUP_RECORDS) this.#commit();
    else this.#cancelTimer ??= this.#options.clock.after(GROUP_MS, () => this.#commit());
  }

  /** Writes the group. When that fails it is kept, and tried again. */
  #commit(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const group = this.#group;
    if (group.isEmpty && this.#file.sinks.delivered(this.#committed) <= this.#left) return;
    try {
      this.#write(group);
    } catch (error) {
      if (!(error instanceof SqliteError) || error.trouble === "other") throw error;
      if (error.trouble === "damaged") this.#reopen(error.message);
      else this.#troubled(error.message);
      this.#cancelTimer = this.#options.clock.after(RETRY_MS, () => this.#commit());
      return;
    }
    this.#group = new Group();
    this.#recent.add(group.records);
    this.#committed = this.#last;
    this.#healed();
    this.#lookAfter();
    this.#wakeAll();
  }

  #write(group: Group): void {
    const { database } = this.#file;
    const totals = this.#totals();
    const { waiting } = database.transaction(() => {
      this.#file.sinks.writeLeft(database);
      return group.write(database, this.#rules, totals, this.#written);
    });
    this.#written = waiting;
    this.#left = totals.delivered;
    this.#rules.written();
  }

  /** What is not part of a group, and may fail without harm: it is done again the next time. */
  #lookAfter(): void {
    const { clock, copyPath, events } = this.#options;
    const { database, space } = this.#file;
    try {
      this.#housekeeping.tidy();
      space.look();
      if (clock.monotonic() - this.#copiedAt < COPY_EVERY_MS) return;
      this.#copiedAt = clock.monotonic();
      writeCopy(copyPath, database, { at: clock.now(), lastPosition: this.#committed });
    } catch (error) {
      events.emit("journal_failed", { reason: messageOf(error) });
    }
  }

  /** Goes on with what was saved of a damaged file. What is at hand is written there. */
  #reopen(reason: string): void {
    try {
      this.#file.database.close();
    } catch (error) {
      if (!(error instanceof SqliteError)) throw error;
    }
    const { positions } = this.#file.sinks;
    this.#file = this.#options.open(reason);
    const { database, last, sinks, waiting } = this.#file;
    // What was acknowledged and not written yet is in the group at hand.
    sinks.carryOver(positions);
    this.#rules.rewrite(database);
    this.#housekeeping = new Housekeeping(database, this.#options.clock, this.#file.space.maxBytes);
    this.#recent.clear();
    this.#left = 0;
    this.#last = Math.max(this.#last, last);
    this.#written = waiting;
  }

  #totals(): Omit<Totals, "waiting"> {
    const { sinks } = this.#file;
    return { last: this.#last, delivered: sinks.delivered(this.#committed), sinks: sinks.positions };
  }

  #troubled(reason: string): void {
    if (this.#trouble !== reason) this.#options.events.emit("journal_failed", { reason });
    this.#trouble = reason;
  }

  #healed(): void {
    if (this.#trouble !== undefined) this.#options.events.emit("journal_recovered");
    this.#trouble = undefined;
  }

  /** Reads; where the file turns out to be damaged, from what was saved of it. */
  #read<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SqliteError) || error.trouble !== "damaged") throw error;
      this.#reopen(error.message);
      return work();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }

  #wakeAll(): void {
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }
}
