/** `traptor rules mysql` against a real MariaDB: what it reads, what it mends, and what it says when it cannot. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createConnection } from "mysql2";
import type { MariadbServer } from "../support/mariadb.ts";
import { jsonLines, type RulesWorld, startRulesWorld } from "../support/rules_world.ts";
import { serviceTest, sharedMariadb } from "../support/services.ts";

const ROWS = `('p', 'from:2244994945 OR retweets', 'username', 'x'), ('q', 'account 17874544', 'username', null),
  (null, 'nasa', 'username', 'z'), ('r', '@NASA', 'username', 'z'), ('bad', 'no such account', 'username', null),
  ('k', 'url_contains:"example.com/news"', 'keyword', 'x'), ('k', 'deno kafka', 'keyword', 'x'),
  ('g', '[-74.1 40.6, -73.8 40.9]', 'geo', 'x')`;

/** A world whose MySQL has these rows in the table `rules`. */
async function startMysqlWorld(rows = ROWS): Promise<{ world: RulesWorld; mariadb: MariadbServer }> {
  const mariadb = await sharedMariadb();
  const { database, host, password, port, user } = mariadb;
  await execute(mariadb, "DROP TABLE IF EXISTS rules");
  await execute(
    mariadb,
    "CREATE TABLE rules (id bigint PRIMARY KEY AUTO_INCREMENT, tag varchar(50), value text, type varchar(20), project varchar(20))",
  );
  await execute(mariadb, `INSERT INTO rules (tag, value, type, project) VALUES ${rows}`);
  const world = await startRulesWorld();
  Object.assign(world.env, { MYSQL_HOST: host, MYSQL_PORT: String(port), MYSQL_USER: user, MYSQL_DATABASE: database });
  world.env["MYSQL_PASSWORD"] = password;
  return { world, mariadb };
}

function execute({ database, host, password, port, user }: MariadbServer, sql: string): Promise<void> {
  const connection = createConnection({ database, host, password, port, user });
  return new Promise((resolve, reject) => {
    connection.query(sql, (error) => {
      connection.destroy();
      error ? reject(error) : resolve();
    });
  });
}

serviceTest({
  name: "the default query is the Python program's, for each type; values are mended as its script did",
  needs: ["redis", "mariadb"],
  async fn() {
    const { world } = await startMysqlWorld();
    await using _ = world;
    const follow = await world.done(["mysql", "--type", "follow", "--refused", "refused.jsonl"]);
    assertStringIncludes(follow.stderr, "5 rules read, 3 kept, 1 merged with equal ones, 1 refused\n");
    assertEquals(await world.members("traptor-follow:0"), [
      { value: "2244994945", tag: "p" },
      { value: "17874544", tag: "q" },
      { value: "nasa", tag: "r" },
    ]);
    const [refused] = jsonLines(await Deno.readTextFile(`${world.folder}/refused.jsonl`));
    assertEquals([refused!["where"], refused!["value"]], ["MySQL, row 5", "no such account"]);
    await world.done(["mysql"]);
    assertEquals(await world.members("traptor-track:0"), [
      { value: "deno kafka", tag: "k" },
      { value: "example com news", tag: "k" },
    ]);
    await world.done(["mysql", "--type", "geo"]);
    assertEquals(await world.members("traptor-geo:0"), [{ value: "-74.1,40.6,-73.8,40.9", tag: "g" }]);
  },
});

serviceTest({
  name: "a query of one's own: ids, types and tags are read, other columns travel along, from a URL with its password",
  needs: ["redis", "mariadb"],
  async fn() {
    const { world, mariadb } = await startMysqlWorld();
    await using _ = world;
    const { host, port, user, password, database } = mariadb;
    const url = `mysql://${user}:${password}@${host}:${port}/${database}`;
    const sql = "select id as ID, tag, value, type, project, 9007199254740993 as owner from rules where project = 'x'";
    const { stderr, stdout } = await world.done(["mysql", "--query", sql, "--merge"], {
      env: { MYSQL_URL: url, MYSQL_HOST: "", MYSQL_PORT: "", MYSQL_PASSWORD: "" },
    });
    const owner = { project: "x", owner: "9007199254740993" };
    assertEquals(await world.members("traptor-follow:0"), [{ rule_id: "1", tag: "p", value: "2244994945", ...owner }]);
    assertEquals(await world.members("traptor-geo:0"), [
      { rule_id: "8", tag: "g", value: "-74.1,40.6,-73.8,40.9", ...owner },
    ]);
    assertEquals((await world.members("traptor-track:0")).length, 2);
    const history = (await world.done(["history", "--json"])).stdout;
    assertEquals([stderr, stdout, history].some((text) => text.includes(password)), false);
  },
});

serviceTest({
  name: "a MySQL that refuses: two lines, 78 or 69, nothing changes in Redis, and no password is ever shown",
  needs: ["redis", "mariadb"],
  async fn() {
    const { world, mariadb: { host, port, user } } = await startMysqlWorld();
    await using _ = world;
    await world.done(["text", "-"], { stdin: "stays\n" });
    const before = await world.keys();
    const secret = "wrong-secret-word";
    const tries: [args: string[], env: Record<string, string>, code: number, first: RegExp][] = [
      [[], { MYSQL_PASSWORD: secret }, 78, /it refuses the login of traptor$/],
      [[], { MYSQL_URL: `mysql://${user}:${secret}@${host}:${port}/traptor` }, 78, /it refuses the login of traptor$/],
      [["--mysql-url", `mysql://u:${secret}@${host}:${port}/x`], {}, 78, /everybody on this machine sees a password/],
      [["--query", "select value from no_such_table"], {}, 78, /no_such_table' doesn't exist$/],
      [["--query", "select nope from rules"], {}, 78, /Unknown column 'nope'/],
      [["--query", "delete from rules"], {}, 78, /READ ONLY/],
      [["--query", "select value from rules where 0"], {}, 78, /the source holds none, so nothing was changed$/],
      [[], { MYSQL_PORT: "1" }, 69, /nothing answers there$/],
    ];
    for (const [args, env, code, first] of tries) {
      const ended = await world.run(["mysql", ...args], { env });
      const lines = ended.stderr.trimEnd().split("\n");
      assertEquals([ended.code, lines.length, ended.stdout], [code, 2, ""], ended.stderr);
      assertMatch(lines[0]!, first);
      assertMatch(lines[1]!, /^Try: ./);
      assertEquals(ended.stderr.includes(secret), false);
    }
    assertEquals(await world.keys(), before);
    assertEquals(await world.members("traptor-track:0"), [{ value: "stays" }]);
  },
});

serviceTest({
  name: "a connection that breaks among the rows stores nothing, and says to come again",
  needs: ["redis", "mariadb"],
  async fn() {
    const rows = Array.from({ length: 20_000 }, (_, at) => `('t', 'word${at}', 'keyword', 'x')`).join(",");
    const { world, mariadb } = await startMysqlWorld(rows);
    await using _ = world;
    await world.done(["text", "-"], { stdin: "stays\n" });
    await using breaking = startBreakingProxy(mariadb.port, 200_000);
    const { code, stderr } = await world.run(["mysql"], { env: { MYSQL_PORT: String(breaking.port) } });
    assertMatch(
      stderr,
      /^Cannot read rules from MySQL at .*: the connection was lost after \d+ rows\nTry: again; .*\n$/,
    );
    assertEquals(code, 75);
    assertEquals(await world.members("traptor-track:0"), [{ value: "stays" }]);
  },
});

/** Passes a connection on to a port, and breaks it after so many bytes from there. */
function startBreakingProxy(port: number, bytes: number): AsyncDisposable & { readonly port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const client of listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port });
      const up = client.readable.pipeTo(server.writable).catch(() => {});
      const piece = new Uint8Array(16_384);
      for (let passed = 0; passed < bytes;) {
        const length = await server.read(piece);
        if (length === null) break;
        for (let sent = 0; sent < length;) sent += await client.write(piece.subarray(sent, length));
        passed += length;
      }
      client.close();
      await up;
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}
