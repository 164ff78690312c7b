import { assertEquals } from "@std/assert";
import { judge, type Situation } from "../../../src/collector/readiness.ts";

const NOW = Date.UTC(2026, 10, 24);

const WELL: Situation = {
  stream: { state: "live", since: NOW - 120_000 },
  rules: { held: 3, refused: 0, unplaced: 0 },
  failingSinks: [],
  backlog: { records: 0, full: false },
  nowMs: NOW,
};

const CASES: readonly [string, Partial<Situation>, boolean, string][] = [
  ["all is well", {}, true, "the stream is live"],
  ["X holds no rules", { rules: { held: 0, refused: 0, unplaced: 0 } }, true, "waiting for rules"],
  [
    "the connection is missing for long",
    {
      stream: { state: "backing_off", since: NOW - 60_000, reason: "no route" },
    },
    false,
    "the stream is backing off for 60 s: no route",
  ],
  [
    "X refuses the stream",
    { stream: { state: "refused", since: NOW, reason: "no" } },
    false,
    "X refuses the stream: no",
  ],
  ["the journal takes nothing", { journalFault: "disk full" }, false, "the journal takes no tweets: disk full"],
  ["dead letters are many", { deadFault: "dead letters take 5 bytes" }, true, "dead letters take 5 bytes"],
  [
    "a sink fails and there is room",
    {
      failingSinks: [{ sink: "Kafka", reason: "away" }],
      backlog: { records: 7, full: false },
    },
    true,
    "Kafka takes no tweets (away), 7 waiting",
  ],
  [
    "a sink fails and there is no room",
    {
      failingSinks: [{ sink: "Kafka", reason: "away" }],
      backlog: { records: 7, full: true },
    },
    false,
    "Kafka takes no tweets (away), 7 waiting",
  ],
];

for (const [name, situation, ready, reason] of CASES) {
  Deno.test(`readiness: ${name}`, () => {
    const verdict = judge({ ...WELL, ...situation });
    assertEquals([verdict.ready, verdict.reasons.includes(reason)], [ready, true], verdict.reasons.join("; "));
  });
}
