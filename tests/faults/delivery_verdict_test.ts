/** The referee of the rounds can say no: to what is missing, to what was never accepted, to a hole, to repeats elsewhere. */

import { assertEquals, assertThrows } from "@std/assert";
import { Sqlite } from "../../src/base/sqlite.ts";
import { AcceptedIds, checkConnections, stretchesOver, verdictOn } from "../support/delivery_verdict.ts";
import { TestFolder } from "../support/test_folder.ts";

/** Ids that were accepted at the positions 1, 2, 3 and so on. */
function accepted(...ids: readonly string[]): AcceptedIds {
  using folder = new TestFolder();
  const journal = new Sqlite(`${folder.path}/journal.db`);
  try {
    journal.script("CREATE TABLE seen (position INTEGER PRIMARY KEY, id TEXT)");
    const known = new AcceptedIds();
    for (const id of ids) {
      journal.run("INSERT INTO seen (id) VALUES (?)", id);
      known.readOn(journal);
      // A small journal soon forgets the oldest; who reads on now and then does not.
      journal.run("DELETE FROM seen WHERE position < (SELECT max(position) FROM seen)");
    }
    return known;
  } finally {
    journal.close();
  }
}

function sentOn(connection: string, ...ids: readonly string[]) {
  return ids.map((id) => ({ id, connection, at: 0, rules: [], kind: "live" as const }));
}

Deno.test("what is missing in the topic, and the positions of what is there more than once", () => {
  const known = accepted("a", "b", "c", "d");
  assertEquals(verdictOn({ sent: 5, accepted: known, arrived: ["d", "a", "c", "d", "c", "d"] }), {
    sent: 5,
    accepted: 4,
    missing: ["b"],
    repeats: 3,
    repeated: [3, 4],
  });
});

Deno.test("what was never accepted has no place in the topic", () => {
  const known = accepted("a");
  assertThrows(() => verdictOn({ sent: 1, accepted: known, arrived: ["a", "z"] }), Error, "whatever is in the topic");
});

Deno.test("of a connection only the end may be missing, and of the last one nothing", () => {
  const known = accepted("a", "c", "d");
  checkConnections([...sentOn("1", "a", "b"), ...sentOn("2", "c", "d")], known);
  const hole = [...sentOn("1", "a", "b", "c"), ...sentOn("2", "d")];
  assertThrows(() => checkConnections(hole, known), Error, "connection 1 has a hole after 1 of 3 tweets");
  assertThrows(() => checkConnections(sentOn("1", "a", "b"), known), Error, "everything is accepted");
});

Deno.test("repeats lie in as many stretches as it takes to cover them", () => {
  assertEquals(stretchesOver([], 10), 0);
  assertEquals(stretchesOver([5, 6, 14], 10), 1);
  assertEquals(stretchesOver([5, 6, 15], 10), 2);
  assertEquals(stretchesOver([1, 11, 12, 30], 10), 3);
});
