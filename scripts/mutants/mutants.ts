/**
 * The mutants: edits that would lose tweets, deliver them twice, or hide it. Each names a place that must be there
 * exactly once, and the tests of which one has to fail.
 *
 * @module
 */

/** One edit. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Files and folders of tests. */
  readonly tests: readonly string[];
}

const JOURNAL = ["tests/unit/journal", "tests/conformance/backlog_test.ts"];
const OUTBOX = ["tests/unit/deliver/outbox_test.ts", "tests/unit/deliver/outbox_random_test.ts"];
const VERIFY = ["tests/e2e/verify_files_test.ts"];
const STREAM = ["tests/unit/stream/filtered_stream_queue_test.ts", "tests/unit/stream/reading_test.ts"];
const REPAIR = ["tests/unit/collector", "tests/unit/journal/gap_repairs_test.ts", "tests/faults/gap_repair_test.ts"];

export const MUTANTS: readonly Mutant[] = [
  {
    name: "fsync off",
    file: "src/base/sqlite.ts",
    from: "PRAGMA synchronous = FULL`",
    to: "PRAGMA synchronous = OFF`",
    tests: ["tests/faults/journal_power_test.ts"],
  },
  {
    name: "delete before the acknowledgement",
    file: "src/journal/group.ts",
    from: "const left = this.#deleteDelivered(database, leaving);",
    to: "const left = this.#deleteDelivered(database, [{ after: 0, upTo: last }]);",
    tests: JOURNAL,
  },
  {
    name: "acknowledge on error",
    file: "src/deliver/delivery.ts",
    from: "await this.#persist(async () => void (written = await sink.write(records, signal)), signal);",
    to: "await sink.write(records, signal).then((answer) => written = answer, () => {});",
    tests: OUTBOX,
  },
  {
    name: "counters outside the transaction",
    file: "src/journal/group.ts",
    from: "    this.tally.write(database);\n",
    to: "    queueMicrotask(() => this.tally.write(database));\n",
    tests: JOURNAL,
  },
  {
    name: "swallow a sink's bug",
    file: "src/deliver/outbox.ts",
    from: "failed.abort(error);",
    to: "void error;",
    tests: OUTBOX,
  },
  {
    name: "skip the last group",
    file: "src/journal/journal.ts",
    from: "  end(): void {\n    this.#closed = true;\n    this.#commit();",
    to: "  end(): void {\n    this.#closed = true;",
    tests: JOURNAL,
  },
  {
    name: "forget the lock",
    file: "src/journal/state_lock.ts",
    from: "if (!await file.tryLock(true)) {",
    to: "if (!file) {",
    tests: ["tests/e2e/one_at_a_time_test.ts"],
  },
  {
    name: "no checksum",
    file: "src/journal/checksum.ts",
    from: "return row.value instanceof Uint8Array && checksumOf(row) === row.crc;",
    to: "return row.value instanceof Uint8Array;",
    tests: JOURNAL,
  },
  {
    name: "hand out before it is on disk",
    file: "src/journal/journal.ts",
    from:
      '    this.#group.add({ position: this.#last, record, facts });\n    this.#group.tally.add(facts, "received");',
    to:
      "    this.#group.add({ position: this.#last, record, facts });\n    this.#recent.add(this.#group.records.slice(-1));\n" +
      '    this.#committed = this.#last;\n    this.#group.tally.add(facts, "received");',
    tests: JOURNAL,
  },
  {
    name: "a repeat is accepted",
    file: "src/journal/journal.ts",
    from: "if (this.#group.has(id)) return true;",
    to: "if (this.#group.has(id)) return false;",
    tests: JOURNAL,
  },
  {
    name: "positions are not written",
    file: "src/journal/sink_positions.ts",
    from: "ON CONFLICT DO UPDATE SET position = excluded.position, skips = excluded.skips",
    to: "ON CONFLICT DO UPDATE SET skips = excluded.skips",
    tests: JOURNAL,
  },
  {
    name: "a slow sink loses to a fast one",
    file: "src/journal/sink_positions.ts",
    from: "return Math.min(committed, ...this.#present.map((name) => this.positionOf(name)));",
    to: "return Math.min(committed, Math.max(...this.#present.map((name) => this.positionOf(name))));",
    tests: JOURNAL,
  },
  {
    name: "an absent sink's records are deleted",
    file: "src/journal/sink_positions.ts",
    from: "const waited = absent.flatMap(waitedRanges);",
    to: "const waited = absent.slice(0, 0).flatMap(waitedRanges);",
    tests: JOURNAL,
  },
  {
    name: "dead letters are dropped",
    file: "src/journal/group.ts",
    from: "      insertDead(database, dead);\n",
    to: "",
    tests: JOURNAL,
  },
  {
    name: "what is at hand is forgotten when the disk takes nothing",
    file: "src/journal/journal.ts",
    from: "    else this.#tryAgainLater();\n",
    to: "    else this.#group = new Group();\n",
    tests: [...JOURNAL, "tests/integration/journal_disk_test.ts"],
  },
  {
    name: "the disk is not tried again",
    file: "src/journal/journal.ts",
    from: "    if (!this.#closed) this.#cancelTimer ??= this.#options.clock.after(RETRY_MS, () => this.#commit());\n",
    to: "",
    tests: [...JOURNAL, "tests/integration/journal_disk_test.ts"],
  },
  {
    name: "a damaged file is replaced by an empty one",
    file: "src/journal/readable_rows.ts",
    from: "for (const table of TABLES) copied.set(table, copyTable(damaged, fresh, table));",
    to: "",
    tests: JOURNAL,
  },
  {
    name: "the damaged file's log is left beside the saved one",
    file: "src/journal/saved_files.ts",
    from: 'for (const ending of ["-wal", "-shm", ""])',
    to: 'for (const ending of ["-shm", ""])',
    tests: JOURNAL,
  },
  {
    name: "what is lost is not counted",
    file: "src/journal/saved_counts.ts",
    from: "const lost = countLost(fresh, now);",
    to: "const lost = 0 * now;",
    tests: JOURNAL,
  },
  {
    name: "a changed byte ends the log",
    file: "src/journal/open_journal.ts",
    from: "if (mendLog(`${path}-wal`, PAGE_BYTES)) return",
    to: "if (PAGE_BYTES < 0) return",
    tests: JOURNAL,
  },
  {
    name: "acknowledgements outlive the file that they are of",
    file: "src/journal/journal.ts",
    from: "    this.#group.forgetOutcomes();\n",
    to: "",
    tests: JOURNAL,
  },
  {
    name: "full is no state",
    file: "src/journal/space.ts",
    from: "this.#full = now;",
    to: "this.#full = undefined;",
    tests: JOURNAL,
  },
  {
    name: "a batch without an answer is given up",
    file: "src/base/retry.ts",
    from: "      if (!(error instanceof TransientError)) throw error;\n",
    to:
      "      if (!(error instanceof TransientError)) throw error;\n      if (backoff.tries > 2) return undefined as never;\n",
    tests: OUTBOX,
  },
  {
    name: "what there is no room for is lost without a count",
    file: "src/collector/intake.ts",
    from: '    backlog.count(rules, { outcome: "dropped", reason });\n',
    to: "",
    tests: ["tests/unit/collector/intake_test.ts"],
  },
  {
    name: "verify does not look at the sink",
    file: "src/cli/verify/sink_reading.ts",
    from: "    missing++;\n",
    to: "",
    tests: VERIFY,
  },
  {
    name: "one replica is enough",
    file: "src/deliver/kafka_sink.ts",
    from: "acks: ALL_REPLICAS,",
    to: "acks: 0,",
    tests: ["tests/integration/kafka_test.ts"],
  },
  {
    name: "the file sink does not fsync",
    file: "src/deliver/file_sink.ts",
    from: "await current.file.syncData();",
    to: "",
    tests: ["tests/unit/deliver/file_sink_test.ts", "tests/conformance/file_sink_test.ts"],
  },
  {
    name: "a gap is not written before the next connect",
    file: "src/journal/listening.ts",
    from: "    if (!this.#hasGap) this.#begin(gap);",
    to: "    void gap;",
    tests: ["tests/unit/journal/gaps_test.ts"],
  },
  {
    name: "a sign of life is told before what came with it is handed on",
    file: "src/stream/reading.ts",
    from: "        onArrival(at);\n",
    to: "        onArrival(at);\n        this.#options.onTaken(at);\n",
    tests: STREAM,
  },
  {
    name: "the limit of connects is X's own, with nothing left for the operator",
    file: "src/stream/connect_budget.ts",
    from: "const MOST_CONNECTS = 45;",
    to: "const MOST_CONNECTS = 50;",
    tests: ["tests/unit/stream/connect_budget_test.ts"],
  },
  {
    name: "a full queue never costs the connection",
    file: "src/stream/reading.ts",
    from: "const PATIENCE_MS = 10_000;",
    to: "const PATIENCE_MS = 10_000_000;",
    tests: STREAM,
  },
  {
    name: "what a repair has read is not booked",
    file: "src/collector/repair_purse.ts",
    from: "    if (cost === 0) return;",
    to: "    return;",
    tests: REPAIR,
  },
  {
    name: "found tweets without room are called taken in",
    file: "src/collector/search_repair.ts",
    from: "    const searches = left === 0 ? states : [];",
    to: "    const searches = states;",
    tests: REPAIR,
  },
  {
    name: "a repair that goes on begins at the newest again",
    file: "src/collector/search_repair.ts",
    from: "let [first, untilId] = [known?.untilId, known?.untilId];",
    to: "let [first, untilId] = [undefined as string | undefined, known?.untilId];",
    tests: REPAIR,
  },
  {
    name: "what search found is kept though the stream would not have sent it",
    file: "src/match/found_tagger.ts",
    from: "filter(({ isExact }) => !isExact);",
    to: "filter(() => true);",
    tests: ["tests/unit/match/found_tagger_test.ts"],
  },
  {
    name: "what a person has stopped is repaired unasked",
    file: "src/journal/gap_repairs.ts",
    from: "cause NOT IN (SELECT value FROM json_each(?))",
    to: "(true OR cause NOT IN (SELECT value FROM json_each(?)))",
    tests: REPAIR,
  },
];
