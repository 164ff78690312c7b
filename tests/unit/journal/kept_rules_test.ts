import { assertEquals } from "@std/assert";
import { KeptRules } from "../../../src/journal/kept_rules.ts";
import { setNote } from "../../../src/journal/state_values.ts";
import { readRule } from "../../../src/model/rule.ts";
import { JournalFile } from "../../support/journal_file.ts";

const RULES = [
  readRule({ value: "deno", tag: "runtimes", rule_id: "17", desk: { name: "ナイト" } }, { type: "track", id: 0 }),
  readRule("12", { type: "follow", id: 3 }),
];

Deno.test("the last rules are there at the next start, whole, for whoever collects the same slots", () => {
  using file = new JournalFile(["file"]);
  assertEquals(new KeptRules(file.journal, ["track:0"]).read(), undefined);
  new KeptRules(file.journal, ["track:0"]).keep(RULES);
  file.open(["file"]);
  assertEquals(new KeptRules(file.journal, ["track:0"]).read(), RULES);
  assertEquals(new KeptRules(file.journal, ["track:0", "follow:3"]).read(), undefined);
  new KeptRules(file.journal, ["track:0"]).keep([]);
  assertEquals(new KeptRules(file.journal, ["track:0"]).read(), []);
});

Deno.test("what is no set of rules is none", () => {
  using file = new JournalFile(["file"]);
  const kept = new KeptRules(file.journal, ["track:0"]);
  const broken = ["", "[", "7", '{"slots":"track:0"}', '{"slots":"track:0","rules":[{"value":"a"}]}'];
  for (const text of broken) {
    file.journal.use((database) => setNote(database, "last_rules", text));
    assertEquals(kept.read(), undefined, text);
  }
});
