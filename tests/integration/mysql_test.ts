/**
 * Rules from a real MariaDB: what rows become, and that nothing stays open behind those who read them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { gatherRules } from "../../src/extract/extraction.ts";
import { mysqlAddress } from "../../src/extract/mysql_address.ts";
import { DEFAULT_TRANSLATION } from "../../src/model/query.ts";
import { TIERS } from "../../src/model/tier.ts";
import {
  administer,
  connectionsOf,
  entries,
  failure,
  fields,
  noneStays,
  PASSWORD,
  READER,
  server,
} from "../support/mysql_reader.ts";
import { serviceTest } from "../support/services.ts";

serviceTest({
  name: "the Python program's table is read with its own query, by type, and its values are mended",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await server();
    await administer(
      mariadb,
      "CREATE OR REPLACE TABLE rules (tag varchar(50), value varchar(500), type varchar(20))",
      `INSERT INTO rules VALUES ('a', 'from:2244994945', 'username'), (NULL, '@nasa', 'username'),
        ('b', 'deno url_contains:"example.com"', 'keyword'), ('', '#deno', 'keyword'),
        ('c', '[-105.3 39.9 -105.1 40.0]', 'geo'), ('d', 'deno lang:en', 'query'), ('e', NULL, 'keyword')`,
    );
    assertEquals(await fields(mariadb, { type: "follow" }), [
      { tag: "a", value: "2244994945" },
      { tag: null, value: "@nasa" },
    ]);
    assertEquals(await fields(mariadb, { type: "track" }), [
      { tag: "b", value: "deno example com" },
      { tag: "", value: "#deno" },
      { refused: "it has no value" },
    ]);
    assertEquals(await fields(mariadb, { type: "geo" }), [{ tag: "c", value: "-105.3,39.9,-105.1,40.0" }]);
    assertEquals(await fields(mariadb, { type: "query" }), [{ tag: "d", value: "deno lang:en" }]);
    await noneStays(mariadb);
  },
});

serviceTest({
  name: "further columns travel along as they stand in the table: numbers exact, dates as written, text whole",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await server();
    await administer(
      mariadb,
      `CREATE OR REPLACE TABLE mixed (ID bigint unsigned, Value varchar(100) CHARACTER SET utf8mb4, type varchar(20),
        price decimal(30,10), big bigint, small int, flag tinyint(1), ratio double, seen datetime(6), day date,
        empty varchar(10), note text CHARACTER SET latin1, doc json)`,
      `INSERT INTO mixed VALUES (18446744073709551615, 'deno \u{1f600} 日本', 'Keyword',
        12345678901234567890.0123456789, -9223372036854775808, -7, 1, 0.25, '2026-11-23 10:00:00.123456', '2026-11-23',
        NULL, 'café', '{"id": 9007199254740993}')`,
      "INSERT INTO mixed (Value, type) VALUES ('2244994945', 'username'), ('a', ''), ('a', 'hashtag')",
    );
    const [first, ...others] = await fields(mariadb, { query: "select * from mixed order by ID desc, Value" });
    assertEquals(first, {
      rule_id: "18446744073709551615",
      value: "deno \u{1f600} 日本",
      as: "track",
      price: "12345678901234567890.0123456789",
      big: "-9223372036854775808",
      small: -7,
      flag: 1,
      ratio: 0.25,
      seen: "2026-11-23 10:00:00.123456",
      day: "2026-11-23",
      empty: null,
      note: "café",
      doc: '{"id": 9007199254740993}',
    });
    assertEquals(others.map(({ value, as, refused }) => refused ?? [value!, as ?? null]), [
      ["2244994945", "follow"],
      ["a", null],
      'its type "hashtag" is none of track (keyword), follow (username), geo, query',
    ]);
  },
});

serviceTest({
  name: "bytes that are not UTF-8 are refused with their row, they never become a rule",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await server();
    await administer(
      mariadb,
      "CREATE OR REPLACE TABLE raw (value varbinary(100), tag varbinary(100))",
      "INSERT INTO raw VALUES ('café', 'a'), (x'636166e9', 'b'), ('deno', x'e9'), (x'64656e6f00', 'c')",
    );
    const refusals: string[] = [];
    const { table } = await gatherRules(entries(mariadb, { query: "select value, tag from raw" }), {
      type: "track",
      tag: undefined,
      translation: DEFAULT_TRANSLATION,
      tier: TIERS["pay-per-use"],
      onRefusal: ({ where, reason }) => refusals.push(`${where}: ${reason}`),
      onProgress: () => {},
    }, new AbortController().signal);
    assertEquals([table.size, table.tables[0]!.textAt(0)], [1, '{"value":"café","tag":"a"}']);
    assertEquals(refusals, [
      "MySQL, row 2: its value is not UTF-8",
      "MySQL, row 3: its tag is not UTF-8",
      "MySQL, row 4: its value holds the control character \\u{0}",
    ]);
  },
});

serviceTest({
  name: "a URL with the password of a login opens it",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await server();
    const url = `mysql://${READER}:${encodeURIComponent(PASSWORD)}@${mariadb.host}:${mariadb.port}/${mariadb.database}`;
    const address = mysqlAddress(url, { user: "nobody", password: undefined, database: "nothing" });
    assertEquals(await fields(mariadb, { at: address, query: "select 'deno' as value" }), [{ value: "deno" }]);
  },
});

serviceTest({
  name: "a query that would change something changes nothing",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await server();
    await administer(
      mariadb,
      "CREATE OR REPLACE TABLE kept (value varchar(10))",
      "INSERT INTO kept VALUES ('deno')",
    );
    for (const query of ["delete from kept", "select 1; delete from kept", "drop table kept"]) {
      const error = await failure(mariadb, { query });
      assert(error.message.includes("it refuses the query: "), error.message);
    }
    assertEquals(await fields(mariadb, { query: "select value from kept" }), [{ value: "deno" }]);
  },
});

serviceTest({
  name: "rows that are read no further leave no connection, and none is read for nobody",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await server();
    const query = "select seq as value, repeat('x', 1000) as note from seq_1_to_10000000";
    let rows = 0;
    for await (const _ of entries(mariadb, { query })) {
      if (++rows === 10) break;
    }
    await noneStays(mariadb);
    const untouched = entries(mariadb, { query });
    await untouched.return(undefined);
    assertEquals(await connectionsOf(mariadb), []);
  },
});

serviceTest({
  name: "two hundred thousand rows pass through a memory that holds a few of them",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await server();
    const query = "select concat('word', seq) as value, repeat('x', 1000) as note from seq_1_to_200000";
    let rows = 0;
    let most = 0;
    const { rss } = Deno.memoryUsage();
    for await (const entry of entries(mariadb, { query })) {
      rows += 1;
      if (rows % 1_000 === 0) {
        assertEquals(entry.kind === "rule" && entry.fields["value"], `word${rows}`);
        most = Math.max(most, Deno.memoryUsage().rss - rss);
      }
    }
    assertEquals(rows, 200_000);
    // All rows together are 200 MB, and more as strings.
    assert(most < 130_000_000, `${most} bytes more than before`);
    await noneStays(mariadb);
  },
});
