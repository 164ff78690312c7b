/** Gaps that go from journal to journal through a real Redis. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { TransientError } from "../../src/base/errors.ts";
import { allowRepair, searchesFor, UNTIL_ASKED } from "../../src/journal/gap_repairs.ts";
import { audit } from "../../src/journal/audit.ts";
import { rulesNumbered } from "../../src/journal/rule_numbers.ts";
import { writeGapOf } from "../support/gap_register.ts";
import { COFFEE_RULE, DENO_RULE } from "../support/journal_file.ts";
import { FleetMachine, NOW } from "../support/fleet_machine.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const [OWNER, TAKER, OTHER] = ["aaaaaaa1", "bbbbbbb2", "ccccccc3"] as const;

let lastApp = 0;

/** Three machines of an app of their own; the second one has the connection. */
async function withFleet(
  body: (owner: FleetMachine, taker: FleetMachine, other: FleetMachine) => Promise<void>,
  aheadMs = 0,
): Promise<void> {
  const { port } = await sharedRedis();
  const app = (++lastApp).toString(16).padStart(12, "0");
  using owner = new FleetMachine({ port, app, instance: OWNER, aheadMs });
  using taker = new FleetMachine({ port, app, instance: TAKER });
  using other = new FleetMachine({ port, app, instance: OTHER });
  taker.isHolder = true;
  await owner.report("standby");
  await taker.report("holder");
  await other.report("standby");
  await body(owner, taker, other);
}

serviceTest({
  name: "the holder takes over what another instance missed, once, and the owner closes it",
  needs: ["redis"],
  fn: () =>
    withFleet(async (owner, taker) => {
      taker.file.accept(1, 3, [COFFEE_RULE]);
      const number = writeGapOf(owner.file, { began: -3 * MINUTE_MS, ended: -2 * MINUTE_MS, rules: [DENO_RULE] });
      owner.register.begin(number);
      owner.register.read(number, 100, 5_000);
      const searches = [
        { query: "deno", state: "done", untilId: "12", reason: "" },
        { query: "tea", state: "begun", untilId: "15", reason: "" },
      ] as const;
      owner.register.searched(number, 40, ...searches);
      await owner.look();
      await taker.look();

      const [gap, ...more] = taker.gaps();
      assertEquals(more, []);
      const { number: taken, rules, ...rest } = gap!;
      assertEquals(rest, {
        beganAt: NOW - 3 * MINUTE_MS,
        endedAt: NOW - 2 * MINUTE_MS,
        cause: "connection_lost",
        detail: `a cut; taken over from host-a's journal, gap ${number}`,
        state: "open",
        outcome: "",
        missed: undefined,
        lastId: undefined,
        repair: "search",
        waitsUntil: 0,
        allowed: undefined,
        reads: 0,
        found: 0,
        cost: 0,
      });
      assertEquals(taker.taken(), [{ number: taken, origin: `${OWNER}:${number}` }]);
      const { journal } = taker.file;
      assertEquals(journal.use((database) => searchesFor(database, taken)), [...searches]);
      const [rule] = journal.use((database) => rulesNumbered(database, rules));
      assertEquals([rule?.slot, rule?.rule_id, rule?.value], ["track:0", "deno", "deno"]);
      assertEquals(await taker.hash("taken"), { [`${OWNER}:${number}`]: { by: TAKER, host: "host-b", number: taken } });

      await owner.look();
      const { cost, found, outcome, reads, state } = owner.register.gap(number);
      assertEquals([state, outcome], ["closed", `taken over by host-b (${TAKER})`]);
      assertEquals([reads, found, cost], [100, 40, 500_000]);
      await taker.file.clock.advance(MINUTE_MS);
      await taker.look();
      assertEquals(taker.gaps().length, 1);
      for (const { file } of [owner, taker]) {
        file.journal.settle();
        const { damaged, imbalances } = file.journal.use(audit);
        assertEquals([damaged, imbalances], [[], []]);
      }
    }),
});

serviceTest({
  name: "a gap is in the time of each machine's own clock",
  needs: ["redis"],
  fn: () =>
    withFleet(async (owner, taker) => {
      writeGapOf(owner.file, { began: -3 * MINUTE_MS, ended: -2 * MINUTE_MS });
      await owner.look();
      await taker.look();
      assertEquals(owner.gaps()[0]?.beganAt, NOW + HOUR_MS - 3 * MINUTE_MS);
      assertEquals(taker.gaps().map(({ beganAt, endedAt }) => [beganAt, endedAt]), [
        [NOW - 3 * MINUTE_MS, NOW - 2 * MINUTE_MS],
      ]);
    }, HOUR_MS),
});

serviceTest({
  name: "a gap that a person has to decide about is taken when that person has asked, with what is allowed",
  needs: ["redis"],
  fn: () =>
    withFleet(async (owner, taker) => {
      const stop = writeGapOf(owner.file, { began: -9 * MINUTE_MS, ended: -8 * MINUTE_MS, cause: "stopped" });
      const dear = writeGapOf(owner.file, { began: -7 * MINUTE_MS, ended: -6 * MINUTE_MS });
      owner.register.read(dear, 10, 5_000);
      owner.register.postpone(dear, UNTIL_ASKED);
      writeGapOf(owner.file, { began: -5 * MINUTE_MS });
      await owner.look();
      await taker.look();
      assertEquals(taker.gaps(), []);
      owner.file.journal.use((database) => allowRepair(database, stop, 2_000_000));
      owner.file.journal.use((database) => allowRepair(database, dear, 3_000_000));
      await owner.look();
      await taker.file.clock.advance(30_000);
      await taker.report("holder");
      await taker.look();
      assertEquals(taker.gaps().map(({ allowed, cause }) => [cause, allowed]), [
        ["stopped", 2_000_000],
        ["connection_lost", 3_000_000],
      ]);
    }),
});

serviceTest({
  name: "what the owner repairs while it has a connection itself is let alone, and so is what is older than seven days",
  needs: ["redis"],
  fn: () =>
    withFleet(async (owner, taker) => {
      writeGapOf(owner.file, { began: -8 * DAY_MS, ended: -7 * DAY_MS });
      const number = writeGapOf(owner.file, { began: -3 * MINUTE_MS, ended: -2 * MINUTE_MS });
      owner.isHolder = true;
      await owner.report("holder");
      assert(await owner.lookToRepair());
      await taker.look();
      assertEquals(taker.gaps(), []);
      await owner.report("holder", MINUTE_MS);
      await taker.file.clock.advance(30_000);
      await taker.look();
      assertEquals(taker.taken().map(({ origin }) => origin), [`${OWNER}:${number}`]);
      owner.isHolder = false;
      assert(!await owner.lookToRepair());
    }),
});

serviceTest({
  name: "of two holders that want one gap one gets it",
  needs: ["redis"],
  fn: () =>
    withFleet(async (owner, taker, other) => {
      other.isHolder = true;
      await other.report("holder");
      for (let at = 10; at > 0; at--) {
        writeGapOf(owner.file, { began: -2 * at * MINUTE_MS, ended: (-2 * at + 1) * MINUTE_MS });
      }
      await owner.look();
      await Promise.all([taker.look(), other.look()]);
      const origins = [...taker.taken(), ...other.taken()].map(({ origin }) => origin);
      assertEquals(origins.sort(), owner.gaps().map(({ number }) => `${OWNER}:${number}`).sort());
    }),
});

/** Whose the gap is after all have looked as often as it takes. */
async function assertOneOwner(what: string, ...machines: readonly FleetMachine[]): Promise<FleetMachine> {
  for (let round = 0; round < 3; round++) {
    for (const machine of machines) {
      await machine.file.clock.advance(30_000);
      await machine.look();
    }
  }
  const wanting = machines.filter((machine) => machine.gaps().some(({ state }) => state === "open"));
  assertEquals(wanting.length, 1, `${what}: ${wanting.map(({ host }) => host)}`);
  assertEquals(wanting[0]!.gaps().filter(({ state }) => state === "open").length, 1, what);
  return wanting[0]!;
}

for (const isDone of [false, true]) {
  const when = isDone ? "after" : "before";
  serviceTest({
    name: `a taker that crashes ${when} any of Redis's steps has the gap once when it is back`,
    needs: ["redis"],
    fn: async () => {
      let crashes = 0;
      for (let isOver = false; !isOver; crashes++) {
        await withFleet(async (owner, taker) => {
          writeGapOf(owner.file, { began: -3 * MINUTE_MS, ended: -2 * MINUTE_MS });
          await owner.look();
          taker.crash = { left: crashes, isDone };
          isOver = await taker.look().then(() => true, (error) => {
            if (!(error instanceof TransientError)) throw error;
            return false;
          });
          taker.restart();
          const what = `a crash ${when} command ${crashes}`;
          assertEquals((await assertOneOwner(what, owner, taker)).host, "host-b", what);
          assertEquals(taker.gaps().length, 1, what);
        });
      }
      assert(crashes > 6, `${crashes} crashes`);
    },
  });

  serviceTest({
    name:
      `when a taker crashes ${when} any of Redis's steps the next holder has the gap, once, even when the first is back`,
    needs: ["redis"],
    fn: async () => {
      for (let crashes = 0, isOver = false; !isOver; crashes++) {
        await withFleet(async (owner, taker, other) => {
          const what = `a crash ${when} command ${crashes}`;
          writeGapOf(owner.file, { began: -3 * MINUTE_MS, ended: -2 * MINUTE_MS });
          await owner.look();
          taker.crash = { left: crashes, isDone };
          isOver = await taker.look().then(() => true, () => false);
          taker.isHolder = false;
          await taker.report("standby", MINUTE_MS);
          other.isHolder = true;
          await other.report("holder");
          assertEquals((await assertOneOwner(what, owner, other)).host, "host-c", what);
          taker.restart();
          await taker.report("standby");
          assertEquals((await assertOneOwner(`${what}, and back`, owner, other, taker)).host, "host-c", what);
        });
      }
    },
  });

  serviceTest({
    name:
      `when a taker crashes ${when} any of Redis's steps and the owner gets the connection, one of them has the gap`,
    needs: ["redis"],
    fn: async () => {
      for (let crashes = 0, isOver = false; !isOver; crashes++) {
        await withFleet(async (owner, taker) => {
          const what = `a crash ${when} command ${crashes}`;
          writeGapOf(owner.file, { began: -3 * MINUTE_MS, ended: -2 * MINUTE_MS });
          await owner.look();
          taker.crash = { left: crashes, isDone };
          isOver = await taker.look().then(() => true, () => false);
          taker.isHolder = false;
          await taker.report("standby", MINUTE_MS);
          owner.isHolder = true;
          await owner.report("holder");
          assert(await owner.lookToRepair(), what);
          await assertOneOwner(what, owner);
          taker.restart();
          await taker.report("standby");
          assertEquals((await assertOneOwner(`${what}, and back`, owner, taker)).host, "host-a", what);
        });
      }
    },
  });
}

serviceTest({
  name: "a Redis that has forgotten everything is told of all of it again, also of what is taken",
  needs: ["redis"],
  fn: () =>
    withFleet(async (owner, taker) => {
      owner.file.accept(1, 5);
      const number = writeGapOf(owner.file, { began: -3 * MINUTE_MS, ended: -2 * MINUTE_MS });
      writeGapOf(taker.file, { began: -5 * MINUTE_MS, ended: -4 * MINUTE_MS });
      await owner.look();
      await taker.look();
      const [gaps, taken, hours] = [await taker.hash("gaps"), await taker.hash("taken"), await owner.hash("hours")];
      assertEquals(Object.keys(gaps).sort(), [
        `${OWNER}:${number}`,
        `${OWNER}:told`,
        `${TAKER}:1`,
        `${TAKER}:2`,
        `${TAKER}:told`,
      ]);
      const keys = ["gaps", "taken", "hours"].map((name) => `traptor:${name}:${owner.app}`);
      await owner.redis.delete([...keys, ...await owner.redis.scanKeys(`traptor:gap-rules:${owner.app}`)]);
      taker.isHolder = false;
      await taker.file.clock.advance(15_000);
      await owner.file.clock.advance(15_000);
      await taker.look();
      await owner.look();
      assertEquals(await owner.hash("taken"), taken);
      assertEquals(Object.keys(await owner.hash("gaps")).sort(), Object.keys(gaps).sort());
      assertEquals(Object.keys(await owner.hash("hours")).sort(), Object.keys(hours).sort());
      assertEquals(owner.register.gap(number).state, "closed");
      await taker.look();
      assertEquals((await owner.redis.scanKeys(`traptor:gap-rules:${owner.app}`)).length, 1);
    }),
});

serviceTest({
  name: "totals are told by the hour and as a whole, and what is older than eight days goes from the hours",
  needs: ["redis"],
  fn: () =>
    withFleet(async (owner) => {
      owner.file.accept(1, 5);
      owner.file.journal.count([DENO_RULE], { outcome: "dropped", reason: "rate_limited" });
      owner.file.deliver("file", [2]);
      await owner.look();
      const totals = {
        ...{ received: 6, accepted: 5, repeated: 0, dropped: { rate_limited: 1 } },
        sinks: { file: { due: 5, delivered: 4, dead: 1, unread: 0, lost: 0 } },
      };
      const hour = Math.floor(NOW / HOUR_MS) * HOUR_MS;
      assertEquals(await owner.hash("hours"), {
        [`${OWNER}:${hour}`]: totals,
        [`${OWNER}:total`]: { at: NOW, host: "host-a", waiting: 0, ...totals },
      });
      writeGapOf(owner.file, { began: -3 * MINUTE_MS, ended: -2 * MINUTE_MS });
      await owner.look();
      assertEquals(Object.keys(await owner.hash("gaps")).length, 2);
      await owner.file.clock.advance(8 * DAY_MS + HOUR_MS);
      await owner.look();
      assertEquals(Object.keys(await owner.hash("hours")), [`${OWNER}:total`]);
      assertEquals(await owner.hash("gaps"), { [`${OWNER}:told`]: {} });
    }),
});

serviceTest({
  name: "a Redis that does not answer is told of once, and asked again",
  needs: ["redis"],
  fn: () =>
    withFleet(async (owner) => {
      const stop = new AbortController();
      owner.crash = { left: 0, isDone: false };
      const running = assertRejects(() => owner.mirror.run(stop.signal));
      for (let tries = 0; tries < 5; tries++) await owner.file.clock.advance(20_000);
      assertEquals(owner.told.map(({ name }) => name), ["fleet_untold"]);
      assertEquals(await owner.hash("hours"), {});
      owner.crash = undefined;
      owner.file.accept(1, 2);
      await owner.file.clock.advance(20_000);
      stop.abort(new Error("stop"));
      await running;
      assertEquals(Object.keys(await owner.hash("hours")).length, 2);
    }),
});

serviceTest({
  name: "who gets the connection repairs none of its gaps while a live instance is about to take one",
  needs: ["redis"],
  fn: () =>
    withFleet(async (owner, taker) => {
      const number = writeGapOf(owner.file, { began: -3 * MINUTE_MS, ended: -2 * MINUTE_MS });
      const mark = JSON.stringify({ by: TAKER, host: "host-b", number: 0 });
      await owner.redis.pipeline([["HSET", `traptor:taken:${owner.app}`, `${OWNER}:${number}`, mark]]);
      taker.isHolder = false;
      owner.isHolder = true;
      await owner.report("holder");
      await taker.report("standby");
      assert(!await owner.lookToRepair());
      // Nothing of it is in the taker's journal, and it will not be.
      await taker.look();
      assertEquals(await taker.hash("taken"), {});
      assert(await owner.lookToRepair());
      assertEquals([owner.register.gap(number).state, taker.gaps()], ["open", []]);
    }),
});

serviceTest({
  name: "a gap that was repaired before its taker could confirm it is the taker's",
  needs: ["redis"],
  fn: () =>
    withFleet(async (owner, taker, other) => {
      const number = writeGapOf(owner.file, { began: -3 * MINUTE_MS, ended: -2 * MINUTE_MS });
      await owner.look();
      await taker.look();
      taker.register.end(1);
      const unconfirmed = JSON.stringify({ by: TAKER, host: "host-b", number: 0 });
      await owner.redis.pipeline([["HSET", `traptor:taken:${owner.app}`, `${OWNER}:${number}`, unconfirmed]]);
      taker.isHolder = false;
      taker.told.length = 0;
      await taker.look();
      assertEquals(taker.told.map(({ name }) => name), ["gap_taken_over"]);
      other.isHolder = true;
      await other.look();
      await owner.look();
      assertEquals(owner.register.gap(number).outcome, `taken over by host-b (${TAKER})`);
      assertEquals(other.gaps(), []);
    }),
});
