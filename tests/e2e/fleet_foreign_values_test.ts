/** Values in the fleet's keys that nobody of the fleet has written: told in words, survived, and gone with them. */

import { assertEquals, assertMatch } from "@std/assert";
import { type FleetMember, FleetTrial } from "../support/fleet_trial.ts";
import { serviceTest } from "../support/services.ts";

const BAD_TYPES = {
  lease: (app: string) => [`traptor:lease:${app}`, "SET", "x"],
  alive: (app: string) => [`traptor:alive:${app}`, "SET", "x"],
  instances: () => ["traptor:instances", "LPUSH", "x"],
} as const;

for (const [name, place] of Object.entries(BAD_TYPES)) {
  serviceTest({
    name:
      `a key of the fleet that holds another type (${name}) is named, costs an instance that is alone nothing, and may be deleted`,
    needs: ["redis"],
    async fn() {
      await using trial = await FleetTrial.start();
      const [only] = await trial.members(1) as [FleetMember];
      await only.gets(10);
      const [key, command, value] = place(await trial.app()) as [string, string, string];
      await trial.ask("DEL", key);
      await trial.ask(command, key, value);
      const before = only.process.stderr.length;
      await only.says(new RegExp(`WARN .*the key ${key} holds a value of the type `), before);
      await only.gets(200);
      const { code, stderr, stdout } = await trial.traptor("status");
      assertEquals([code, stderr], [1, ""], stdout);
      assertMatch(stdout.replaceAll(/\s+/g, " "), new RegExp(`${key}`));
      await trial.ask("DEL", key);
      await only.gets(100);
      await only.stop();
      assertEquals((await only.gaps()).filter(({ cause }) => cause !== "stopped"), []);
      await only.verifies();
    },
  });
}

serviceTest({
  name: "values of the right type that say nothing harm nobody",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    const app = await trial.app();
    await trial.ask("HSET", "traptor:instances", `${app}:0123abcd`, "{", "x", "y", `${app}:00000000`, '{"id":7}');
    await trial.ask("HSET", `traptor:alive:${app}`, "1", "x", "2", "[]");
    await trial.ask("HSET", `traptor:gaps:${app}`, "0123abcd:1", "{", "y", "z");
    await trial.ask("HSET", `traptor:taken:${app}`, "0123abcd:1", "x");
    await trial.ask("HSET", `traptor:hours:${app}`, "0123abcd:total", "x", "q", "{}");
    await trial.ask("SET", `traptor:generation:${app}`, "many");
    await trial.ask("SET", "traptor:epoch", "long ago");
    await trial.ask("RPUSH", `traptor:commands:${app}`, "x", "1 {}", `${Date.now()} {"id":"no"}`);
    await trial.ask("RPUSH", `traptor:written-off:${app}`, "x");
    const [first, second] = await trial.members(2) as [FleetMember, FleetMember];
    await first.gets(20);
    const { code, stdout } = await trial.traptor("status");
    assertEquals(code, 1, stdout);
    assertMatch(stdout, /traptor:instances x cannot be read/);
    await first.kill();
    await second.collects();
    await second.gets(20);
    await second.stop();
    await second.verifies();
  },
});
