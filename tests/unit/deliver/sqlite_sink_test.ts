import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { TransientError } from "../../../src/base/errors.ts";
import { recordOf, recordsOf } from "../../support/records.ts";
import { idsOf, rowsOf, withSink } from "../../support/tweets_database.ts";
import { tweetRecord } from "../../support/tweets.ts";

function count(path: string, table: string): number {
  return Number(rowsOf(path, `SELECT count(*) AS number FROM ${table}`)[0]!["number"]);
}

Deno.test("a tweet becomes a row that says what the record holds", async () => {
  await withSink(async (sink, path) => {
    const rules = [{ value: "deno", tag: "runtimes" }, { value: "#deno" }];
    const record = tweetRecord({ id: "1790000000000000001", text: "Deno &amp; co", rules });
    assertEquals(await sink.write([record]), {});
    assertEquals(rowsOf(path, "SELECT * FROM tweets"), [{
      id: 1790000000000000001n,
      created_at: "2026-11-23T09:59:58.000Z",
      author_id: 9007199254740993n,
      author_username: "deno_land",
      text: "Deno & co",
      lang: "en",
      rules: '[{"tag":"runtimes","value":"deno"},{"tag":null,"value":"#deno"}]',
      record: new TextDecoder().decode(record.value),
    }]);
    assertEquals(rowsOf(path, "SELECT tweet_id, tag, value FROM tweet_rules ORDER BY rowid"), [
      { tweet_id: 1790000000000000001n, tag: "runtimes", value: "deno" },
      { tweet_id: 1790000000000000001n, tag: null, value: "#deno" },
    ]);
    assertEquals(rowsOf(path, "SELECT record ->> '$.traptor.provenance' AS provenance FROM tweets"), [
      { provenance: "live" },
    ]);
  });
});

Deno.test("words of three characters and more are found in every script, in the middle of others too", async () => {
  await withSink(async (sink, path) => {
    const texts = [
      "東京都で地震がありました",
      "北京发生地震了吗",
      "서울에서 지진이 발생했다",
      "EARTHQUAKE in Tōkyō",
      "زلزال في طوكيو",
    ];
    await sink.write(texts.map((text, at) => tweetRecord({ id: String(at + 1), text })));
    const found = (word: string) =>
      idsOf(path, "SELECT rowid AS id FROM tweets_text WHERE tweets_text MATCH ?", `"${word}"`);
    assertEquals(found("東京都"), ["1"]);
    assertEquals(found("で地震が"), ["1"]);
    assertEquals(found("发生地震"), ["2"]);
    assertEquals(found("지진이"), ["3"]);
    assertEquals(found("earthquake"), ["4"]);
    assertEquals(found("thqua"), ["4"]);
    assertEquals(found("زلزال"), ["5"]);
    assertEquals(found("東京駅"), []);
  });
});

Deno.test("words of less than three characters are found with LIKE", async () => {
  await withSink(async (sink, path) => {
    await sink.write(
      ["東京都で地震", "北京发生地震了", "서울 지진", "津波"].map((text, at) =>
        tweetRecord({ id: String(at + 1), text })
      ),
    );
    assertEquals(idsOf(path, "SELECT rowid AS id FROM tweets_text WHERE tweets_text MATCH ?", '"地震"'), []);
    assertEquals(idsOf(path, "SELECT id FROM tweets WHERE text LIKE ?", "%地震%"), ["1", "2"]);
    assertEquals(idsOf(path, "SELECT id FROM tweets WHERE text LIKE ?", "%지진%"), ["3"]);
    assertEquals(idsOf(path, "SELECT id FROM tweets WHERE text LIKE ?", "%波%"), ["4"]);
  });
});

Deno.test("a repeat changes nothing: the row, its rules and its words stay as they came first", async () => {
  await withSink(async (sink, path) => {
    const [first, again] = ["first words", "other text"].map((text) => tweetRecord({ id: "7", text }));
    await sink.write([first!]);
    assertEquals(await sink.write([again!, tweetRecord({ id: "8" }), again!]), {});
    assertEquals(rowsOf(path, "SELECT id, text FROM tweets ORDER BY id"), [
      { id: 7n, text: "first words" },
      { id: 8n, text: "tweet 8" },
    ]);
    assertEquals(count(path, "tweet_rules"), 2);
    assertEquals(idsOf(path, "SELECT rowid AS id FROM tweets_text WHERE tweets_text MATCH 'other'"), []);
    assertEquals(idsOf(path, "SELECT rowid AS id FROM tweets_text WHERE tweets_text MATCH 'words'"), ["7"]);
  });
});

Deno.test("a tweet that somebody deletes is gone from the rules and from the search", async () => {
  await withSink(async (sink, path) => {
    await sink.write([tweetRecord({ id: "1", text: "deleted words" }), tweetRecord({ id: "2", text: "kept words" })]);
    const user = new DatabaseSync(path);
    user.exec("DELETE FROM tweets WHERE id = 1; UPDATE tweets SET text = 'changed' WHERE id = 2");
    user.exec("INSERT INTO tweets_text (tweets_text, rank) VALUES ('integrity-check', 1)");
    user.close();
    assertEquals(rowsOf(path, "SELECT tweet_id FROM tweet_rules"), [{ tweet_id: 2n }]);
    assertEquals(idsOf(path, "SELECT rowid AS id FROM tweets_text WHERE tweets_text MATCH 'words'"), []);
    assertEquals(idsOf(path, "SELECT rowid AS id FROM tweets_text WHERE tweets_text MATCH 'changed'"), ["2"]);
  });
});

Deno.test("what one asks for is found by an index", async () => {
  await withSink(async (sink, path) => {
    await sink.write([tweetRecord({ id: "1" })]);
    const conditions = ["id = 1", "created_at > '2026'", "author_id = 1", "author_username = 'A'", "lang = 'ja'"];
    const queries = [
      ...conditions.map((condition) => `SELECT * FROM tweets WHERE ${condition}`),
      "SELECT tweet_id FROM tweet_rules WHERE tag = 'a'",
      "SELECT tweet_id FROM tweet_rules WHERE value = 'a'",
      "SELECT tag FROM tweet_rules WHERE tweet_id = 1",
    ];
    for (const query of queries) {
      const plan = rowsOf(path, `EXPLAIN QUERY PLAN ${query}`).map(({ detail }) => String(detail)).join("\n");
      assert(/^SEARCH .*USING (?:COVERING )?(?:INDEX|INTEGER PRIMARY KEY)/.test(plan), `${query}: ${plan}`);
    }
    assertEquals(idsOf(path, "SELECT id FROM tweets WHERE author_username = 'DENO_LAND'"), ["1"]);
  });
});

Deno.test("what can have no row is refused with the reason, and the others are written", async () => {
  await withSink(async (sink, path) => {
    const ids = ["abc", "-1", "007", "9223372036854775808", ""];
    const bad = [...ids.map((id) => recordOf(id)), { ...recordOf(5), value: new TextEncoder().encode("[1]") }];
    const { refused } = await sink.write([recordOf("9223372036854775807"), ...bad, recordOf("0")]);
    const reason = "its id is no whole number of 64 bits";
    assertEquals([...refused!], [...ids.map((_, at) => [at + 1, reason] as const), [6, "it is no JSON object"]]);
    assertEquals(idsOf(path, "SELECT id FROM tweets"), ["0", "9223372036854775807"]);
  });
});

Deno.test("bytes that are no UTF-8 stay as they are", async () => {
  await withSink(async (sink, path) => {
    const value = new Uint8Array([...new TextEncoder().encode('{"data":{"id":"1","text":"'), 0xff, 0x22, 0x7d, 0x7d]);
    await sink.write([{ id: "1", value, headers: {} }]);
    assertEquals(rowsOf(path, "SELECT text, record FROM tweets"), [{ text: "\ufffd", record: value }]);
  });
});

Deno.test("others read while it writes, and keep what they see", async () => {
  await withSink(async (sink, path) => {
    await sink.write(recordsOf(1, 3));
    const reader = new DatabaseSync(path, { readOnly: true });
    reader.exec("BEGIN");
    const look = () => Number(reader.prepare("SELECT count(*) AS number FROM tweets").get()!["number"]);
    assertEquals(look(), 3);
    await sink.write(recordsOf(4, 5));
    assertEquals(look(), 3);
    reader.exec("COMMIT");
    assertEquals(look(), 5);
    reader.close();
  });
});

Deno.test("while another process writes, a batch fails as a whole and can be written again", async () => {
  await withSink(async (sink, path) => {
    await sink.write(recordsOf(1, 2));
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const failure = await assertRejects(() => sink.write(recordsOf(3, 5)), TransientError);
    assertEquals(failure.message, `another process keeps ${path} locked`);
    other.exec("ROLLBACK");
    other.close();
    assertEquals(count(path, "tweets"), 2);
    await sink.write(recordsOf(3, 5));
    assertEquals(count(path, "tweets"), 5);
  });
});

Deno.test("a file that was moved away is not written on: a new one is begun", async () => {
  await withSink(async (sink, path) => {
    await sink.write(recordsOf(1, 2));
    for (const end of ["", "-wal", "-shm"]) await Deno.rename(path + end, `${path}.old${end}`);
    await sink.write(recordsOf(3, 3));
    assertEquals(idsOf(path, "SELECT id FROM tweets"), ["3"]);
    assertEquals(idsOf(`${path}.old`, "SELECT id FROM tweets"), ["1", "2"]);
  });
});
