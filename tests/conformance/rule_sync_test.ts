import { systemClock } from "../../src/base/clock.ts";
import { startSimulator } from "../../src/simulate/simulator.ts";
import { openTransport } from "../../src/stream/transport.ts";
import { Token } from "../../src/stream/token.ts";
import { TwitterRulesApi } from "../../src/stream/twitter_api.ts";
import { FakeXRules } from "../support/fake_x_rules.ts";
import { seeded, withChance } from "../support/seeded.ts";
import { runSyncRounds } from "./rule_sync.ts";

const SEEDS = [1, 2, 3, 4];

/** Caps from so large that all fit to so small that adding before deleting has no room. */
const CAPS = [
  { cap: 60, told: 60 },
  { cap: 25, told: 25 },
  { cap: 12, told: 12 },
  { cap: 7, told: 7 },
  { cap: 11, told: 40 },
  { cap: 23, told: undefined },
];

for (const { cap, told } of CAPS) {
  const where = told === cap ? `of ${cap} rules` : `that tells ${told ?? "nothing"} and takes ${cap}`;
  Deno.test(`over the fake, at a cap ${where}: whatever is cut, what stays wanted stays at X, and it converges`, async () => {
    const rounds = async (chance: () => number) => {
      const api = new FakeXRules();
      api.cap = cap;
      api.tellsCap = told !== undefined;
      api.toldCap = told;
      if (chance() < 0.3) api.mostAlternatives = 3;
      const x = { api, held: () => Promise.resolve(api.held), invalid: "INVALID" };
      await runSyncRounds(x, { rounds: 60, chance, queries: 26, asksFirst: chance() < 0.5 });
    };
    for (const seed of SEEDS) {
      await rounds(seeded(seed)).catch((error) => {
        throw new Error(`seed ${seed} of the list`, { cause: error });
      });
    }
    await withChance(rounds);
  });
}

for (const cap of [40, 9]) {
  Deno.test(`over the library and the simulator, at a cap of ${cap} rules: the same`, async () => {
    await withChance(async (chance) => {
      const caps = { rulesPerProject: cap, ruleReads: 1e6, ruleChanges: 1e6, otherCalls: 1e6 };
      const simulator = await startSimulator({ rate: 0, caps });
      const transport = openTransport({ apiUrl: simulator.url, userAgent: "traptor/test", clock: systemClock() });
      try {
        const api = new TwitterRulesApi(new Token(simulator.token), { transport, clock: systemClock() });
        const held = async () => {
          const lines = await (await fetch(`${simulator.url}/sim/rules`)).text();
          return lines.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
        };
        // A stop word alone: our matcher would decide it, X refuses it.
        await runSyncRounds({ api, held, invalid: "the" }, { rounds: 15, chance, queries: 26 });
      } finally {
        transport.close();
        await simulator.close();
      }
    });
  });
}
