/**
 * Records to a SQLite database, for a person with one machine: `sqlite_tables.ts` says what is in it.
 *
 * It promises: a batch is acknowledged when it is committed and on disk; a tweet that is there already stays as it is,
 * so a repeat changes nothing; others can read while it writes. A file that was moved away is not written on: a new one
 * is begun. Nothing is ever deleted.
 */

import { TransientError } from "../base/errors.ts";
import type { Sqlite, SqliteValue } from "../base/sqlite.ts";
import type { TweetRecord } from "../model/record.ts";
import type { Sink, Written } from "./sink.ts";
import { asSinkFailure } from "./sqlite_failure.ts";
import { identityOf, openToWrite, type TweetsFile } from "./sqlite_file.ts";
import { sqliteIdOf } from "./sqlite_ids.ts";
import { factsOf, type MatchedRule, messageIn } from "./tweet_facts.ts";

const INSERT_TWEET = `
  INSERT INTO tweets (id, created_at, author_id, author_username, text, lang, rules, record)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;
const INSERT_RULE = "INSERT INTO tweet_rules (tweet_id, tag, value) VALUES (?, ?, ?)";

/** A tweet as it is inserted. */
interface Row {
  readonly id: bigint;
  readonly values: readonly SqliteValue[];
  readonly rules: readonly MatchedRule[];
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class SqliteSink implements Sink {
  readonly name = "sqlite";
  readonly target: string;
  /** A batch is written in one go, and nothing else is done meanwhile. */
  readonly limits = { records: 200, bytes: 1_000_000 };
  readonly #path: string;
  #file: TweetsFile | undefined;

  constructor(path: string) {
    this.#path = path;
    this.target = `SQLite database ${path}`;
  }

  async open(): Promise<void> {
    await this.#translated(() => this.#opened());
  }

  async write(batch: readonly TweetRecord[]): Promise<Written> {
    const refused = new Map<number, string>();
    const rows: Row[] = [];
    batch.forEach((record, at) => {
      const row = rowOf(record);
      if (typeof row === "string") refused.set(at, row);
      else rows.push(row);
    });
    await this.#translated(async () => insert(await this.#opened(), rows));
    return refused.size > 0 ? { refused } : {};
  }

  async close(): Promise<void> {
    await this.#translated(() => Promise.resolve(this.#letGo()));
  }

  /** The database at the path: if the file that was there is gone, another one. */
  async #opened(): Promise<Sqlite> {
    if (this.#file && this.#file.identity !== await identityOf(this.#path)) this.#letGo();
    this.#file ??= await openToWrite(this.#path);
    return this.#file.database;
  }

  /** After a failure the file is opened again: what is true of it then counts. */
  async #translated<Result>(operation: () => Promise<Result>): Promise<Result> {
    try {
      return await operation();
    } catch (error) {
      const failure = asSinkFailure(error, this.#path);
      if (failure instanceof TransientError) this.#letGo();
      throw failure;
    }
  }

  #letGo(): void {
    const file = this.#file;
    this.#file = undefined;
    file?.database.close();
  }
}

function insert(database: Sqlite, rows: readonly Row[]): void {
  database.transaction(() => {
    for (const { id, values, rules } of rows) {
      if (database.run(INSERT_TWEET, ...values) === 0) continue;
      for (const { tag, value } of rules) database.run(INSERT_RULE, id, tag, value);
    }
  });
}

/** The row of a record, or why it can have none. */
function rowOf(record: TweetRecord): Row | string {
  const id = sqliteIdOf(record.id);
  if (id === undefined) return "its id is no whole number of 64 bits";
  const message = messageIn(record);
  if (!message) return "it is no JSON object";
  const { authorId, authorUsername, createdAt, lang, rules, text } = factsOf(message);
  const values = [id, createdAt, authorId, authorUsername, text, lang, JSON.stringify(rules), valueOf(record)];
  return { id, values, rules };
}

/** The record as text, for SQLite's functions for JSON; bytes that are no UTF-8 as they are. */
function valueOf(record: TweetRecord): string | Uint8Array {
  try {
    return decoder.decode(record.value);
  } catch {
    return record.value;
  }
}
