/** Whoever holds the connection collects the slots of all instances of its app. */

import { assert, assertEquals } from "@std/assert";
import { type FleetMember, FleetTrial } from "../support/fleet_trial.ts";
import { serviceTest } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

async function rulesAtX({ simulator }: FleetTrial): Promise<string[]> {
  const text = await (await fetch(`${simulator.url}/sim/rules`)).text();
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line).value).sort();
}

/** Waits until X holds these, in order. */
async function holds(trial: FleetTrial, ...values: readonly string[]): Promise<void> {
  const isHeld = async () => (await rulesAtX(trial)).join() === values.join();
  await waitUntil(isHeld, { what: `X holds ${values}`, withinMs: 30_000 });
}

/** How many records of a sink name a slot. */
async function recordsOf(member: FleetMember, id: number): Promise<number> {
  const slots = (await member.lines()).map((line) => JSON.parse(line).traptor.collection_rules);
  return slots.filter((rules: { id: number }[]) => rules.some((rule) => rule.id === id)).length;
}

/** Waits until one has got more records of a slot. */
async function getsOf(member: FleetMember, id: number): Promise<void> {
  const before = await recordsOf(member, id);
  await waitUntil(async () => await recordsOf(member, id) > before + 5, { what: `tweets of slot ${id}` });
}

const CONFIG = { RULE_CHECK_INTERVAL: "10m" };

serviceTest({
  name:
    "the holder collects the slots of all: a standby's rules are at X, stay when it stops, and its notices refresh them",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    await trial.ask("SADD", "traptor-track:1", "coffee");
    const first = trial.member({ args: ["--id", "0"], env: CONFIG });
    await first.collects();
    await holds(trial, "deno");
    const second = trial.member({ args: ["--id", "1"], env: CONFIG });
    await second.standsBy();
    await holds(trial, "coffee", "deno");
    await getsOf(first, 1);
    assertEquals(await second.lines(), []);
    const { slots } = (await trial.status()).apps.map(({ instances }) => ({
      slots: instances.map(({ slots }) => slots).sort(),
    }))[0]!;
    assertEquals(slots, [["track:0"], ["track:1"]]);

    await trial.ask("SADD", "traptor-track:1", "zebra");
    await trial.ask("PUBLISH", "traptor-notify", "track:1");
    await holds(trial, "coffee", "deno", "zebra");
    const connects = () => trial.simulator.connections().length;
    assertEquals(connects(), 1, "more rules need no reconnect");

    await second.stop();
    await getsOf(first, 1);
    assertEquals(await rulesAtX(trial), ["coffee", "deno", "zebra"]);
    // The rules of the one that is gone are still kept up.
    await trial.ask("SREM", "traptor-track:1", "zebra");
    await trial.ask("PUBLISH", "traptor-notify", "track:1");
    await holds(trial, "coffee", "deno");
    const requests = trial.simulator.requests().length;
    second.start();
    await second.standsBy();
    await getsOf(first, 1);
    const changes = trial.simulator.requests().slice(requests).filter(({ method }) => method === "POST");
    assertEquals(changes, [], "a restart of a standby changes nothing at X");
  },
});

serviceTest({
  name: "whoever takes over collects its own slots and those of the one that is gone",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    await trial.ask("SADD", "traptor-track:1", "coffee");
    const first = trial.member({ args: ["--id", "0"] });
    await first.collects();
    const second = trial.member({ args: ["--id", "1"] });
    await second.standsBy();
    await holds(trial, "coffee", "deno");
    await first.kill();
    await second.collects();
    await getsOf(second, 0);
    await getsOf(second, 1);
    assertEquals(await rulesAtX(trial), ["coffee", "deno"]);
    assert(!/Rules at X: \d+ added, [1-9]/.test(second.process.stderr), second.process.stderr);
  },
});
