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
import type { Events } from "../base/events.ts";
import type { Sqlite } from "../base/sqlite.ts";
import { WakeUps } from "../base/wake_ups.ts";
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
import { Group } from "./group.ts";
import { FailedWrites } from "./failed_writes.ts";
import { HeldFile, type HeldFileOptions, type OpenedFile } from "./held_file.ts";
import { Listening } from "./listening.ts";
import { RecentRecords } from "./recent_records.ts";
import { type Amount, type DamagedRecord, readRecords } from "./record_rows.ts";
import { RuleNumbers } from "./rule_numbers.ts";
import type { SinkPositions } from "./sink_positions.ts";
import { lastPosition } from "./state_values.ts";
import { type ForeignGap, insertForeignGap } from "./taken_gaps.ts";
import { StreamMemory } from "./stream_memory.ts";
import { Upkeep } from "./upkeep.ts";

export interface JournalOptions {
  readonly open: HeldFileOptions["open"];
  readonly save: HeldFileOptions["save"];
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
  readonly #held: HeldFile;
  /** What has to be remembered of X, beside the tweets; and when it was listened to. */
  readonly memory: StreamMemory;
  readonly listening: Listening;
  readonly #rules: RuleNumbers;
  readonly #upkeep: Upkeep;
  readonly #recent = new RecentRecords();
  #group = new Group();
  #cancelTimer: (() => void) | undefined;
  readonly #failedWrites: FailedWrites;
  /** Positions handed out, and those that are on disk. */
  #last: Position;
  #committed: Position;
  /** Up to where the records have left the file that no sink waits for. */
  #left: Position = 0;
  #written: Amount;
  /** Sinks that have not begun to read since the file was saved: what they have was read from the one before. */
  #toReadAgain = new Set<string>();
  #closed = false;
  #isEnded = false;
  readonly #wakeUps = new WakeUps();

  /** Throws what `open` throws. */
  constructor(options: JournalOptions) {
    this.#options = options;
    const { clock, copyPath, events, open, save } = options;
    this.#held = new HeldFile({ open, save, onSaved: (...files) => this.#goOnWith(...files), clock, events });
    const { database, gapSince, last, lastGroup, space, waiting } = this.#held.opened;
    this.#failedWrites = new FailedWrites(lastGroup);
    this.memory = new StreamMemory(this.#held, () => this.#tryAgainLater());
    this.#rules = new RuleNumbers(database);
    this.#upkeep = new Upkeep({ copyPath, maxBytes: space.maxBytes, clock, events }, database);
    this.#last = this.#committed = last;
    this.#written = waiting;
    this.listening = new Listening({
      group: () => this.#group,
      numberOf: (rule) => this.#rules.of(rule),
      clock,
      commit: () => this.#commit(),
      schedule: () => this.#schedule(),
    }, gapSince);
  }

  /** On disk and not delivered yet, and what is about to be written. */
  get waiting(): { records: number; bytes: number } {
    const bytes = this.#group.records.reduce((sum, { record }) => sum + record.value.length, this.#written.bytes);
    return { records: this.#written.records + this.#group.records.length, bytes };
  }

  get undelivered(): number {
    return Math.min(this.waiting.records, this.#last - this.#positions.delivered(this.#committed));
  }

  /** Why nothing can be taken now; undefined when it can. */
  get fault(): string | undefined {
    return this.#held.trouble ?? this.#held.opened.space.reason;
  }

  get path(): string {
    return this.#held.opened.database.path;
  }

  /** The pages that it uses, in bytes. */
  get usedBytes(): number {
    return this.#held.opened.space.usedBytes;
  }

  /** Why a person should look at the dead letters: they take more than their part of the journal. */
  get deadFault(): string | undefined {
    return this.#upkeep.deadFault;
  }

  get full(): boolean {
    if (!this.#held.canRead || (!this.#held.canWrite && this.#group.records.length >= GROUP_RECORDS)) return true;
    // Room may have come back without anything being written: others have freed the disk.
    if (this.#held.opened.space.isFull) this.#held.attempt("read", ({ space }) => space.look());
    return this.#held.opened.space.isFull;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async room(): Promise<void> {
    while (!this.#closed && this.full) {
      const cancel = this.#options.clock.after(RETRY_MS, () => this.#wakeUps.wakeAll());
      await this.#wakeUps.change();
      cancel();
    }
  }

  hasSeen(id: string): boolean | undefined {
    if (this.#group.has(id)) return true;
    return this.#read(({ database }) => database.get("SELECT 1 FROM seen WHERE id = ?", id) !== undefined)?.value;
  }

  accept(record: TweetRecord, rules: readonly Rule[]): boolean {
    if (this.#closed || this.full) return false;
    const facts = this.#facts(rules);
    this.#last += 1;
    this.#group.add({ position: this.#last, record, facts });
    this.#group.tally.add(facts, "received");
    this.#group.tally.add(facts, "accepted");
    for (const sink of this.sinks) this.#group.tally.add(facts, "due", sink);
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
    return this.#positions.positionOf(sink);
  }

  read(sink: string, after: Position, limits: BatchLimits): BacklogEntry[] {
    if (after <= this.positionOf(sink)) this.#toReadAgain.delete(sink);
    let from = this.#positions.nothingBefore(sink, after);
    while (from < this.#committed) {
      const found = this.#recordsAfter(sink, from, limits);
      if (!found) return [];
      const own = found.entries.filter(({ position }) => this.#positions.isFor(sink, position));
      if (own.length > 0) return own;
      this.#positions.foundNothing(sink, after, from = found.upTo);
      this.#schedule();
    }
    return [];
  }

  async more(sink: string, after: Position): Promise<void> {
    const maybeThere = () => this.#held.canRead && this.#positions.nothingBefore(sink, after) < this.#committed;
    while (!this.#closed && !maybeThere()) await this.#wakeUps.change();
  }

  acknowledge(sink: string, acknowledgement: Acknowledgement): void {
    const last = acknowledgement.entries.at(-1);
    // What was read from a file that has been replaced since says nothing of the rows that wait now: it is read again.
    if (!last || this.#toReadAgain.has(sink)) return;
    this.#positions.advance(sink, last.position, this.#committed);
    this.#group.outcomes.add(sink, acknowledgement, this.#options.clock.now());
    // What follows may be for other sinks alone: then it waits for this one no longer.
    if (last.position < this.#committed) this.read(sink, last.position, { records: 1, bytes: 1 });
    this.#recent.forgetUpTo(this.#positions.delivered(this.#committed));
    this.#schedule();
  }

  leave(sink: string): number {
    this.#commit();
    let file = this.#held.opened;
    let missed = 0;
    let after = this.#positions.storedPositionOf(sink);
    while (true) {
      const entries = this.read(sink, after, { records: 1_000, bytes: 4_000_000 });
      if (file !== this.#held.opened) {
        // Another file has taken its place, and what was counted for this sink is forgotten.
        file = this.#held.opened;
        missed = 0;
        after = this.#positions.storedPositionOf(sink);
        continue;
      }
      const last = entries.at(-1);
      if (!last) break;
      for (const { facts } of entries) this.#group.outcomes.tally.add(facts, "unread", sink);
      missed += entries.length;
      after = last.position;
    }
    // What cannot be read now, or is not on disk, waits for the sink to come back.
    const hasReadAll = this.#positions.nothingBefore(sink, after) >= this.#committed;
    this.#positions.leave(sink, { position: hasReadAll ? this.#committed : after, last: this.#last });
    this.#schedule();
    return missed;
  }

  settle(): void {
    this.#commit();
  }

  close(): void {
    this.#closed = true;
    this.#commit();
    this.#wakeUps.wakeAll();
  }

  /** Writes what is left, and lets go of the file. Tweets that the disk did not take by now are lost, and told. */
  end(): void {
    this.#closed = true;
    this.#commit();
    this.#isEnded = true;
    this.#cancelTimer?.();
    const reason = this.#held.trouble;
    const records = this.#group.records.filter(({ onlySink }) => onlySink === undefined).length;
    if (reason !== undefined && records > 0) this.#options.events.emit("journal_unwritten", { records, reason });
    this.#held.close();
    this.#wakeUps.wakeAll();
  }

  /** The sinks that records are accepted for. */
  get sinks(): readonly string[] {
    return this.#positions.present;
  }

  /**
   * Does something with those tables of the file that are not the backlog's own. Throws SqliteError or DiskError
   * where that cannot be done now.
   */
  use<Result>(work: (database: Sqlite) => Result): Result {
    return this.#held.use(({ database }) => work(database));
  }

  /**
   * Writes a gap of another instance's journal with its rules, unless it is there, and answers with its number. Throws as
   * `use` does.
   */
  takeGap(gap: ForeignGap, rules: readonly Rule[]): number {
    const number = this.use((database) =>
      database.transaction(() => {
        const numbers = rules.map((rule) => this.#rules.of(rule));
        this.#rules.write(database);
        return insertForeignGap(database, gap, numbers);
      })
    );
    this.#rules.written();
    return number;
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

  get #positions(): SinkPositions {
    return this.#held.opened.sinks;
  }

  #recordsAfter(sink: string, after: Position, limits: BatchLimits) {
    const recent = this.#recent.after(after, sink, limits);
    if (recent) return { entries: recent, upTo: recent.at(-1)?.position ?? this.#committed };
    const range = { after, upTo: this.#committed, sink };
    const found = this.#read(({ database }) => readRecords(database, range, limits));
    for (const damaged of found?.value.damaged ?? []) this.#lose(damaged);
    return found?.value;
  }

  #facts(rules: readonly Rule[]): AcceptedFacts {
    return { at: this.#options.clock.now(), rules: rules.map((rule) => this.#rules.of(rule)) };
  }

  #lose({ position, facts, onlySink }: DamagedRecord): void {
    const { damaged, tally } = this.#group.outcomes;
    if (damaged.has(position)) return;
    damaged.set(position, facts);
    for (const sink of this.#positions.waitingFor(position)) {
      if (onlySink === undefined || onlySink === sink) tally.add(facts, "lost", sink);
    }
    this.#options.events.emit("record_damaged", { position, accepted: new Date(facts.at).toISOString() });
    this.#schedule();
  }

  #schedule(): void {
    // What is still said by who was stopped in the middle of something comes too late.
    if (this.#isEnded) return;
    if (this.#held.canWrite && this.#group.records.length >= GROUP_RECORDS) this.#commit();
    else this.#cancelTimer ??= this.#options.clock.after(GROUP_MS, () => this.#commit());
  }

  /** Writes the group. When that fails it is kept, and tried again. */
  #commit(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const hasNews = !this.#group.isEmpty || this.#positions.delivered(this.#committed) > this.#left;
    // Where something could not be done, an empty group is written to see whether it can be now.
    if (!hasNews && this.#held.trouble === undefined) return;
    if (!this.#held.canRead) this.#held.attempt("read", ({ database }) => lastPosition(database));
    if (this.#held.attempt("write", (file) => this.#write(file))) this.#upkeep.after(this.#held, this.#committed);
    if (this.#held.trouble === undefined) this.#wakeUps.wakeAll();
    else this.#tryAgainLater();
  }

  #tryAgainLater(): void {
    if (!this.#closed) this.#cancelTimer ??= this.#options.clock.after(RETRY_MS, () => this.#commit());
  }

  #write({ database, sinks }: OpenedFile): void {
    const group = this.#group;
    const delivered = sinks.delivered(this.#committed);
    const leaving = sinks.leaving(this.#left, delivered);
    this.#written = this.#failedWrites.attempt(group, (number) =>
      database.transaction(() => {
        sinks.write(database);
        return group.write(database, this.#rules, { number, last: this.#last, leaving, waiting: this.#written });
      }));
    this.#left = delivered;
    this.#rules.written();
    this.#group = new Group();
    this.#recent.add(group.records);
    this.#committed = this.#last;
    // Nobody waits for what was written when no sink is left.
    if (sinks.delivered(this.#committed) > delivered) this.#schedule();
  }

  /** Goes on with what was saved of a damaged file. What is at hand is written there; the rest is handed out again. */
  #goOnWith({ gapSince, last, lastGroup, sinks, waiting }: OpenedFile, before: OpenedFile): void {
    this.#failedWrites.leaveOut(this.#group, lastGroup);
    this.#last = Math.max(this.#last, last);
    for (const name of sinks.present) {
      if (!before.sinks.present.includes(name)) sinks.leave(name, { position: sinks.storedPositionOf(name), last });
    }
    this.#toReadAgain = new Set(sinks.present);
    this.#group.forgetOutcomes();
    this.#rules.writeAgain();
    this.#recent.clear();
    this.#left = 0;
    this.#written = waiting;
    this.listening.goOn(gapSince);
  }

  /** Reads; undefined where that cannot be done now: it is tried again later. */
  #read<Result>(work: (file: OpenedFile) => Result): { readonly value: Result } | undefined {
    const done = this.#held.attempt("read", work);
    if (!done) this.#tryAgainLater();
    return done;
  }
}
