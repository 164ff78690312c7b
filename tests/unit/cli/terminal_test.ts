import { assertEquals } from "@std/assert";
import { table } from "../../../src/cli/terminal.ts";

Deno.test("columns line up, whatever script is in them, and nothing trails", () => {
  assertEquals(
    table([["rule", "tag"], ["地震", "earthquakes"], ["ok", ""], ["é", "x"]]),
    "rule  tag\n地震  earthquakes\nok\né     x\n",
  );
});
