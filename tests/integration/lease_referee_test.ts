/** The referee of a lease hears of a real Redis what was granted, renewed and ended, in scripts too, and over restarts. */

import { assert, assertEquals } from "@std/assert";
import { LeaseBook } from "../support/lease_book.ts";
import { FleetRedis } from "../support/fleet_redis.ts";
import { commandIn, leaseState, RedisMonitor } from "../support/redis_monitor.ts";
import { serviceTest } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

const KEY = "traptor:lease:0123456789ab";
const GRANT =
  "redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'generation', '7') return redis.call('PEXPIRE', KEYS[1], ARGV[2])";

serviceTest({
  name: "what scripts do to a lease is heard with its moments, and an expiry is known without a word",
  needs: ["redis"],
  async fn() {
    await using redis = await FleetRedis.start();
    const book = new LeaseBook(KEY);
    await using _monitor = await monitorOf(redis, book);
    const before = Date.now();
    await redis.commands(["EVAL", GRANT, "1", KEY, "one:1", "500"]);
    await redis.commands(["EVAL", "return redis.call('PEXPIRE', KEYS[1], 700)", "1", KEY]);
    await redis.commands(["EVAL", GRANT, "1", "traptor:lease:another", "two:2", "90000"]);
    await redis.commands(["EVAL", "return redis.call('DEL', KEYS[1])", "1", KEY]);
    await redis.commands(["EVAL", GRANT, "1", KEY, "two:2", "300"]);
    const after = Date.now();
    await waitUntil(() => book.terms.length === 2 && book.terms[1]!.until > book.terms[1]!.from, { what: "both" });
    const [one, two] = book.terms;
    assertEquals([one!.owner, two!.owner], ["one:1", "two:2"]);
    assert(one!.from >= before - 1 && one!.until <= two!.from, "the first ended before the second began");
    assert(two!.from <= after + 1 && Math.abs(two!.until - two!.from - 300) < 50);
    assertEquals(book.validAt(two!.until - 1), two);
    assertEquals(book.validAt(two!.until), undefined);
  },
});

serviceTest({
  name: "a Redis that comes back with a lease has it for its owner, one that has forgotten it does not end it",
  needs: ["redis"],
  async fn() {
    await using redis = await FleetRedis.start();
    const book = new LeaseBook(KEY);
    await using _monitor = await monitorOf(redis, book);
    await redis.commands(["EVAL", GRANT, "1", KEY, "one:1", "60000"]);
    await waitUntil(() => book.validAt(Date.now()), { what: "the grant" });
    const { until } = book.terms[0]!;
    await redis.stop();
    await redis.process.start();
    // Nobody heard of this extension.
    await redis.commands(["PEXPIRE", KEY, "90000"]);
    await waitUntil(() => book.terms[0]!.until > until + 10_000, { what: "what is there now" });
    assertEquals(book.terms.length, 1);
    const extended = book.terms[0]!.until;
    await redis.process.kill();
    await redis.forget();
    await redis.process.start();
    await waitUntil(() => book.validAt(Date.now()) === undefined, { what: "the Redis that has forgotten" });
    assertEquals(book.terms.map((term) => term.until), [extended], "its holder believes in it");
    await redis.commands(["EVAL", GRANT, "1", KEY, "two:2", "1000"]);
    await waitUntil(() => book.terms.length === 2, { what: "another one" });
    assert(book.terms[1]!.from < extended, "two are valid at a time");
  },
});

Deno.test("lines of MONITOR", () => {
  assertEquals(commandIn('+1700000000.123456 [0 lua] "HSET" "a \\"key\\"" "\\xe5\\n" ""'), {
    at: 1_700_000_000_123.456,
    words: ["HSET", 'a "key"', "\xe5\n", ""],
  });
  assertEquals(commandIn("+OK"), undefined);
});

function monitorOf(redis: FleetRedis, book: LeaseBook): Promise<RedisMonitor> {
  return RedisMonitor.start({
    port: redis.port,
    onCommand: (command) => book.hear(command),
    onListening: async () => book.learn(await leaseState(redis.port, KEY)),
  });
}
