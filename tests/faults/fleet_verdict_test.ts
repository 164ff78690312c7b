/** The referees of a fleet can say no: to two at a time, to whoever has no lease, to what is missing without a word. */

import { assertEquals } from "@std/assert";
import { type ListeningFacts, type Span, without, wrongListening } from "../support/fleet_listening.ts";
import { type OwnershipFacts, wrongOwnership } from "../support/fleet_ownership.ts";

const RULES = "/2/tweets/search/stream/rules";
const [A, B] = ["aaaaaaaa", "bbbbbbbb"];
const TERMS = [
  { owner: `${A}:1`, from: 1_000, until: 5_000 },
  { owner: `${B}:2`, from: 5_500, until: 9_000 },
];

function ownership(facts: Partial<OwnershipFacts>): string[] {
  return wrongOwnership({ terms: TERMS, requests: [], slackMs: 50, ...facts });
}

function request(instance: string, beganAt: number, method = "GET", path = "/2/tweets/search/stream") {
  return { instance, beganAt, method, path };
}

Deno.test("requests within one's own lease are right, the token's are at any time", () => {
  const requests = [
    request(A, 1_000),
    request(A, 5_040),
    request(B, 5_500, "POST", RULES),
    request(B, 3_000, "POST", "/oauth2/token"),
  ];
  assertEquals(ownership({ requests }), []);
});

Deno.test("a request that begins while a lease of another is valid is refused", () => {
  assertEquals(ownership({ requests: [request(A, 6_000)] }), [
    "aaaaaaaa begins GET /2/tweets/search/stream at 1970-01-01T00:00:06.000Z while a lease of another is valid: " +
    "bbbbbbbb:2 from 1970-01-01T00:00:05.500Z to 1970-01-01T00:00:09.000Z",
  ]);
});

Deno.test("a change of rules after one's lease is refused, also while nobody has one", () => {
  assertEquals(ownership({ requests: [request(A, 5_300, "POST", RULES)] }), [
    `aaaaaaaa begins POST ${RULES} at 1970-01-01T00:00:05.300Z without a lease, and it changes rules`,
  ]);
});

Deno.test("two leases at a time are refused, one's own again is not", () => {
  const again = { owner: `${B}:2`, from: 8_000, until: 12_000 };
  assertEquals(ownership({ terms: [...TERMS, again] }), []);
  const other = { owner: `${A}:3`, from: 8_000, until: 12_000 };
  assertEquals(ownership({ terms: [...TERMS, other] }), [
    "two leases are valid at a time: bbbbbbbb:2 from 1970-01-01T00:00:05.500Z to 1970-01-01T00:00:09.000Z and " +
    "aaaaaaaa:3 from 1970-01-01T00:00:08.000Z to 1970-01-01T00:00:12.000Z",
  ]);
});

/** A reads "1" and "2" until it is killed at 3,000; B reads "5" from 6,000 on; "3" and "4" nobody has, as B's gap says. */
function listening(change: (facts: Changeable) => void = () => {}): string[] {
  const facts: Changeable = {
    a: {
      name: A,
      connections: [{ id: "a", at: 1_000, status: 200, outcome: "open", closedAt: 3_000, closeReason: "client left" }],
      arrived: [{ id: "1", collectedAt: 1_600 }, { id: "2", collectedAt: 2_100 }],
      gaps: [],
      kills: [3_000],
      deaf: [],
    },
    b: {
      name: B,
      connections: [{ id: "b", at: 6_000, status: 200, outcome: "open" }],
      arrived: [{ id: "5", collectedAt: 7_000 }],
      gaps: [{ from: 2_500, to: 6_000, cause: "holder_lost", state: "open" }],
      kills: [],
      deaf: [],
    },
    sent: [
      ...[["1", 1_500], ["2", 2_000]].map(([id, at]) => ({ id: String(id), at: Number(at), connection: "a" })),
      ...[["1", 1_500], ["3", 3_500], ["4", 5_500], ["5", 6_500]].map(([id, at]) => ({
        id: String(id),
        at: Number(at),
        connection: "nobody's",
      })),
      { id: "5", at: 6_500, connection: "b" },
    ],
    found: new Set(),
    dues: [{ what: "a death", at: 3_000, withinMs: 4_000 }],
    judged: { from: 1_000, to: 8_000 },
  };
  change(facts);
  const { a, b, ...others } = facts;
  return wrongListening({ ...others, instances: [a, b], slackMs: 100, inFlightMs: 500, excessMs: 1_000 });
}

type Instance = ListeningFacts["instances"][number];
type Loose<Thing> = { -readonly [Name in keyof Thing]: Thing[Name] };
interface Changeable extends Loose<Pick<ListeningFacts, "sent" | "found" | "dues" | "judged">> {
  a: Loose<Instance>;
  b: Loose<Instance>;
}

Deno.test("what nobody has lies in a gap, and all is right", () => {
  assertEquals(listening(), []);
});

Deno.test("a tweet that is missing without a gap is refused, and a silence that no gap tells of", () => {
  assertEquals(
    listening(({ b }) => {
      b.gaps = [{ from: 2_500, to: 4_000, cause: "holder_lost", state: "open" }];
    }),
    [
      "1 tweets are missing and in no gap, first 4 of 1970-01-01T00:00:05.500Z",
      "nobody listened from 1970-01-01T00:00:04.000Z to 1970-01-01T00:00:06.000Z, and no gap says so",
    ],
  );
});

Deno.test("a gap that is closed excuses nothing that search finds", () => {
  const close = (facts: Changeable) => {
    facts.b.gaps = facts.b.gaps.map((gap) => ({ ...gap, state: "closed" }));
  };
  assertEquals(listening(close), []);
  assertEquals(
    listening((facts) => {
      close(facts);
      facts.found = new Set(["3"]);
    }),
    ["1 tweets are missing and in no gap, first 3 of 1970-01-01T00:00:03.500Z"],
  );
});

Deno.test("what a connection brought is in the sink of its instance, but for its end", () => {
  const lacks = "aaaaaaaa lacks 1, the 1th of 2 on a connection, and not its end";
  const forget = (facts: Changeable, id: string) => {
    facts.a.arrived = facts.a.arrived.filter((tweet) => tweet.id !== id);
    facts.b.arrived = [...facts.b.arrived, { id, collectedAt: 7_100 }];
  };
  assertEquals(listening((facts) => forget(facts, "2")), []);
  assertEquals(listening((facts) => forget(facts, "1")), [lacks]);
});

Deno.test("of a connection that stands nothing may be missing", () => {
  assertEquals(
    listening((facts) => {
      facts.a.arrived = [...facts.a.arrived, ...facts.b.arrived];
      facts.b.arrived = [];
    }),
    ["bbbbbbbb lacks 5, the 1th of 1 on a connection, and not its end"],
  );
});

Deno.test("twice in one sink is what was in flight at a kill, and nothing else", () => {
  const twice = (collectedAt: number) => (facts: Changeable) => {
    facts.a.arrived = [...facts.a.arrived, { id: "2", collectedAt }];
  };
  assertEquals(listening(twice(2_900)), []);
  assertEquals(listening(twice(2_400)), ["2 is 2 times in the sink of aaaaaaaa"]);
});

Deno.test("a gap that goes on while somebody listens is refused", () => {
  assertEquals(
    listening(({ b }) => {
      b.gaps = b.gaps.map((gap) => ({ ...gap, to: Infinity }));
    }),
    [
      "a gap of bbbbbbbb (holder_lost) says from 1970-01-01T00:00:02.500Z to 1970-01-01T00:00:08.000Z, and somebody " +
      "listened from 1970-01-01T00:00:06.000Z to 1970-01-01T00:00:08.000Z",
    ],
  );
});

Deno.test("an instance that stands still does not listen, though its connection stands", () => {
  assertEquals(
    listening(({ a, b }) => {
      a.connections = [{ id: "a", at: 1_000, status: 200, outcome: "open" }];
      a.deaf = [{ from: 1_500, to: 6_000 }];
      b.gaps = b.gaps.map((gap) => ({ ...gap, from: 3_000 }));
    }).filter((words) => words.startsWith("nobody")),
    ["nobody listened from 1970-01-01T00:00:01.500Z to 1970-01-01T00:00:03.000Z, and no gap says so"],
  );
});

Deno.test("somebody who reads too late is refused, and so is nobody", () => {
  assertEquals(
    listening((facts) => {
      facts.dues = [{ what: "a death", at: 3_000, withinMs: 2_000 }, { what: "an end", at: 7_000, withinMs: 500 }];
    }),
    [
      "after a death at 1970-01-01T00:00:03.000Z somebody after 3000 ms reads, where 2000 ms are allowed",
      "after an end at 1970-01-01T00:00:07.000Z nobody reads, where 500 ms are allowed",
    ],
  );
});

Deno.test("spans without others", () => {
  const span = (from: number, to: number): Span => ({ from, to });
  assertEquals(without([span(0, 10)], [span(2, 3), span(3, 5), span(9, 20)]), [span(0, 2), span(5, 9)]);
  assertEquals(without([span(0, 10)], [span(-5, 20)]), []);
});
