/**
 * The database of the SQLite sink: what is in it, and how it is known to be ours.
 *
 * `tweets` has a row a tweet; `tweet_rules` a row for each rule that it matched; `tweets_text` is the full-text index
 * of `tweets.text` by three characters each, which finds words of every script, also of those that put no spaces
 * between them:
 *
 *     SELECT * FROM tweets WHERE id IN (SELECT rowid FROM tweets_text WHERE tweets_text MATCH '"東京都"');
 *
 * What is shorter than three characters is in no index: `SELECT * FROM tweets WHERE text LIKE '%地震%'` looks at every
 * tweet. A tweet that is deleted from `tweets` leaves the other two by itself.
 */

import type { Sqlite } from "../base/sqlite.ts";

/** Marks a file as the SQLite sink's: "trap" in ASCII. */
const APPLICATION_ID = 0x74726170;

/** The version of what is below. */
const VERSION = 1;

const TABLES = `
  CREATE TABLE tweets (
    id INTEGER PRIMARY KEY,
    created_at TEXT,
    author_id INTEGER,
    author_username TEXT COLLATE NOCASE,
    text TEXT NOT NULL,
    lang TEXT,
    rules TEXT NOT NULL,
    record TEXT NOT NULL
  );
  CREATE INDEX tweets_created_at ON tweets (created_at);
  CREATE INDEX tweets_author_id ON tweets (author_id);
  CREATE INDEX tweets_author_username ON tweets (author_username);
  CREATE INDEX tweets_lang ON tweets (lang);

  CREATE TABLE tweet_rules (tweet_id INTEGER NOT NULL, tag TEXT, value TEXT NOT NULL);
  CREATE INDEX tweet_rules_tweet_id ON tweet_rules (tweet_id);
  CREATE INDEX tweet_rules_tag ON tweet_rules (tag, tweet_id);
  CREATE INDEX tweet_rules_value ON tweet_rules (value, tweet_id);

  CREATE VIRTUAL TABLE tweets_text USING fts5 (text, content = 'tweets', content_rowid = 'id', tokenize = 'trigram');

  CREATE TRIGGER tweets_inserted AFTER INSERT ON tweets BEGIN
    INSERT INTO tweets_text (rowid, text) VALUES (new.id, new.text);
  END;
  CREATE TRIGGER tweets_deleted AFTER DELETE ON tweets BEGIN
    INSERT INTO tweets_text (tweets_text, rowid, text) VALUES ('delete', old.id, old.text);
    DELETE FROM tweet_rules WHERE tweet_id = old.id;
  END;
  CREATE TRIGGER tweets_text_updated AFTER UPDATE OF id, text ON tweets BEGIN
    INSERT INTO tweets_text (tweets_text, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO tweets_text (rowid, text) VALUES (new.id, new.text);
    UPDATE tweet_rules SET tweet_id = new.id WHERE tweet_id = old.id;
  END;

  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/** Whose a database is: nobody's yet, ours, ours of a later version, or somebody else's. */
export type Owner = "nobody" | "us" | "later" | "another";

/** Whose it is. Throws SqliteError. */
export function ownerOf(database: Sqlite): Owner {
  const id = database.get<{ application_id: number }>("PRAGMA application_id")?.application_id;
  const version = database.get<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
  if (id === APPLICATION_ID) return version > VERSION ? "later" : "us";
  const entries = database.get<{ entries: number }>("SELECT count(*) AS entries FROM sqlite_schema")?.entries;
  return id === 0 && version === 0 && entries === 0 ? "nobody" : "another";
}

/** Makes the tables of a database that is nobody's: all of them or none. */
export function makeTables(database: Sqlite): void {
  if (ownerOf(database) !== "nobody") return;
  database.transaction(() => {
    // Another process may have been faster.
    if (ownerOf(database) === "nobody") database.script(TABLES);
  });
}
