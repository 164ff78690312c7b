import { withChance } from "../support/seeded.ts";
import { checkBacklog } from "./backlog.ts";
import { BacklogLife } from "./backlog_life.ts";
import { journalStand, memoryStand } from "./backlog_stand.ts";

const BACKLOGS = [
  { name: "the backlog in memory", make: memoryStand, steps: 1_000 },
  { name: "the journal", make: journalStand, steps: 500 },
];

for (const { name, make, steps } of BACKLOGS) {
  Deno.test(`${name} does what every backlog does`, (t) => checkBacklog(t, make));

  Deno.test(`${name} does what a simple model of it does, whatever the order of steps`, async () => {
    await withChance((chance) => new BacklogLife(make, chance).live(steps));
  });
}
