/** What the rate limit drops, on its way through the intake into a real journal: counted by rule. */

import { assertEquals } from "@std/assert";
import { Events } from "../../../src/base/events.ts";
import { Sqlite } from "../../../src/base/sqlite.ts";
import { Intake } from "../../../src/collector/intake.ts";
import { RateLimit } from "../../../src/match/rate_limit.ts";
import { Counters } from "../../../src/observe/counters.ts";
import { JournalFile } from "../../support/journal_file.ts";
import { held, tagger, track, tweet, wanted } from "./tagger_bench.ts";

interface Row {
  readonly name: string;
  readonly outcome: string;
  readonly detail: string;
  readonly count: number;
}

Deno.test("a tweet is dropped only when all of its rules are over, and is counted for each of them", async () => {
  using file = new JournalFile();
  const { clock, journal } = file;
  const rules = wanted(track("deno"), track("coffee"));
  const tags = tagger({ clock });
  tags.want(rules);
  tags.hold(held({ 11: [rules.all[0]!], 12: [rules.all[1]!] }));
  const events = new Events();
  const counters = new Counters(() => clock.now());
  events.listen(counters.listener);
  const rateLimit = new RateLimit({ perSecond: 1, capacity: 2, clock });
  const intake = new Intake({ tagger: tags, rateLimit, backlog: journal, whenFull: "pause", counters, events, clock });

  let id = 100;
  const take = (...matched: readonly string[]) =>
    intake.take([{ ...tweet(...matched.map((id) => ({ id }))), id: String(id++) }], "live");
  // Two of deno pass and one is over; with coffee, which has two left, two more pass; then both are over.
  for (let time = 0; time < 3; time++) await take("11");
  for (let time = 0; time < 3; time++) await take("11", "12");
  await take("12");
  journal.settle();
  file.end();

  const database = new Sqlite(file.path);
  try {
    const sql = "select coalesce(rules.value, 'all') as name, outcome, detail, sum(count) as count from counters " +
      "left join rules on rules.number = counters.rule where outcome in ('accepted', 'dropped') " +
      "group by name, outcome, detail order by name, outcome";
    const rows = database.all<Row>(sql).map(({ name, outcome, detail, count }) =>
      `${name} ${outcome} ${detail}: ${count}`
    );
    assertEquals(rows, [
      "all accepted : 4",
      "all dropped rate_limited: 3",
      "coffee accepted : 2",
      "coffee dropped rate_limited: 2",
      "deno accepted : 4",
      "deno dropped rate_limited: 2",
    ]);
  } finally {
    database.close();
  }
});
