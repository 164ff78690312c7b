/**
 * What people are told when a real MariaDB does not hand over all rules: the kind of error with its exit code, no
 * password in it, and no connection behind it.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { SettingsError, TryLaterError, UnavailableError } from "../../src/base/errors.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { freePort } from "../support/free_port.ts";
import {
  administer,
  checkedFailure,
  connectionsOf,
  entries,
  failure,
  type Options,
  PASSWORD,
  server,
} from "../support/mysql_reader.ts";
import { serviceTest } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

serviceTest({
  name: "what MySQL refuses is a wrong setting, in words that hold no password",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await server();
    const place = `MySQL at 127.0.0.1:${mariadb.port}`;
    const told = async (options: Options): Promise<string> => {
      const error = await failure(mariadb, options);
      assertInstanceOf(error, SettingsError);
      assertEquals(error.exitCode, 78);
      assert(error.message.startsWith(`Cannot read rules from ${place}: `), error.message);
      return error.message.slice(`Cannot read rules from ${place}: `.length);
    };
    assertEquals(await told({ at: { password: "wrong-secret" } }), "it refuses the login of reader");
    assertEquals(await told({ at: { password: undefined } }), "it refuses the login of reader");
    assertEquals(await told({ at: { user: "no\nbody" } }), "it refuses the login of no\\u{a}body");
    assertEquals(await told({ at: { database: "mysql" } }), "it refuses the login of reader");
    assertEquals(await told({ at: { isTls: true } }), "it does not speak TLS");
    assert(
      (await told({ query: "select value from nothing" })).startsWith("it refuses the query: Table 'traptor.noth"),
    );
    assert((await told({ query: "selekt" })).startsWith("it refuses the query: You have an error in your SQL syntax"));
    assert(
      (await told({ query: `select '${PASSWORD.slice(0, 11)}' from nothing` })).startsWith("it refuses the query"),
    );
    const unnamed = await told({ query: "select value from (select 1 as tag) as t" });
    assert(unnamed.startsWith("it refuses the query: Unknown column 'value'"), unnamed);
    const error = await failure(mariadb, { at: { user: "root", password: undefined, database: "nothing" } });
    assertEquals(error.message, `Cannot read rules from ${place}: it has no database nothing`);
    assertEquals(error.exitCode, 78);
  },
});

serviceTest({
  name: "where nothing answers, nothing speaks MySQL or nobody is, the service is unavailable",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await server();
    const none = await failure(mariadb, { at: { port: freePort() } });
    assert(none.message.endsWith(": nothing answers there"), none.message);
    const unknown = await failure(mariadb, { at: { host: "no-such-host.invalid" } });
    assertEquals(
      unknown.message,
      `Cannot read rules from MySQL at no-such-host.invalid:${mariadb.port}: the host is not known`,
    );
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const served = (async () => {
      for await (const connection of listener) {
        await connection.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
        connection.close();
      }
    })();
    const other = await failure(mariadb, { at: { port: listener.addr.port } });
    listener.close();
    await served;
    for (const error of [none, unknown]) {
      assertInstanceOf(error, UnavailableError);
      assertEquals(error.exitCode, 69);
    }
    assert([69, 75].includes(other.exitCode), `${other.exitCode}: ${other.message}`);
  },
});

serviceTest({
  name: "a connection that is killed between rows is to be tried again, and says how far it came",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await server();
    let rows = 0;
    let thrown: unknown;
    try {
      const query = "select concat('word', seq) as value, repeat('x', 1000) as note from seq_1_to_200000";
      for await (const _ of entries(mariadb, { query })) {
        if (++rows !== 100) continue;
        const [id] = await connectionsOf(mariadb);
        await administer(mariadb, `KILL ${id}`);
      }
    } catch (error) {
      thrown = error;
    }
    const error = await checkedFailure(mariadb, thrown);
    assertInstanceOf(error, TryLaterError);
    assertEquals(error.exitCode, 75);
    assert(rows >= 100 && rows < 200_000, `${rows} rows`);
    assertEquals(
      error.message,
      `Cannot read rules from MySQL at 127.0.0.1:${mariadb.port}: the connection was lost after ${rows} rows`,
    );
    assertEquals(error.hint, "again; nothing was stored, for not all rules were read");
  },
});

serviceTest({
  name: "a connection that is killed before the first row is to be tried again",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await server();
    const reading = failure(mariadb, { query: "select sleep(60) as value" });
    const id = await waitUntil(async () => (await connectionsOf(mariadb))[0], { what: "the reader's connection" });
    await waitUntil(
      async () => (await administer(mariadb, "SHOW FULL PROCESSLIST")).some(({ Info }) => /sleep/.test(String(Info))),
      { what: "the query runs" },
    );
    await administer(mariadb, `KILL ${id}`);
    assertEquals((await reading).exitCode, 75);
  },
});

serviceTest({
  name: "a MySQL that falls silent for two minutes fails, it does not hang",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await server();
    const clock = new FakeClock();
    const query = "select seq as value from seq_1_to_10 union all select sleep(3600)";
    const reading = entries(mariadb, { query, clock });
    const next = reading.next().then(() => undefined, (error) => error);
    await waitUntil(
      async () => (await administer(mariadb, "SHOW FULL PROCESSLIST")).some(({ Info }) => /3600/.test(String(Info))),
      { what: "the query runs" },
    );
    await clock.advance(120_000);
    const error = await next;
    const [id] = await connectionsOf(mariadb);
    // The server looks for its client when it has something to say; here it would be in an hour.
    if (id !== undefined) await administer(mariadb, `KILL ${id}`);
    assertInstanceOf(await checkedFailure(mariadb, error), UnavailableError);
    assert(error.message.endsWith(": it does not answer in time"), error.message);
    assertEquals(clock.pending, 0);
  },
});
