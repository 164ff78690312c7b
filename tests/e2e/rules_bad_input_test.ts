/** Files that are not what they are taken for: nothing is half-written, and two lines say where and what to do. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { jsonLines, startRulesWorld } from "../support/rules_world.ts";
import { serviceTest } from "../support/services.ts";

const ACCOUNTS = new URL("../data/gnip/accounts.json", import.meta.url).pathname;

serviceTest({
  name: "a file that is cut off, a web page, or not UTF-8 changes nothing, and two lines say why",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    await world.done(["json", "-", "--type", "follow"], { stdin: '["nasa"]' });
    const before = await world.keys();
    const whole = await Deno.readFile(ACCOUNTS);
    await world.write("cut.json", whole.subarray(0, 200));
    await world.write("page.html", "<!DOCTYPE html><html><body>Please log in</body></html>\n");
    await world.write("latin.txt", new Uint8Array([...new TextEncoder().encode("deno\nca"), 0x66, 0xe9, 10]));
    const tries: [args: string[], first: RegExp][] = [
      [["gnip", "cut.json"], /^Cannot read the rules in cut\.json: .*line 4.*it ends in the middle/],
      [["gnip", ACCOUNTS, "cut.json"], /^Cannot read the rules in cut\.json: /],
      [["json", "cut.json"], /^Cannot read the rules in cut\.json: it ends in the middle of a list, at line 4/],
      [["gnip", "page.html"], /^Cannot read the rules in page\.html: .*web page/],
      [["json", "page.html"], /^Cannot read the rules in page\.html: .*web page/],
      [["csv", "page.html"], /^Cannot read the rules in page\.html: .*web page/],
      [["text", "page.html"], /^Cannot read the rules in page\.html: .*web page/],
      [["text", "latin.txt"], /^Cannot read the rules in latin\.txt: line 2 is not UTF-8$/],
      [["gnip", "latin.txt"], /^Cannot read the rules in latin\.txt: line 2 is not UTF-8$/],
      [["lint", "latin.txt"], /^Cannot read the rules in latin\.txt: line 2 is not UTF-8$/],
    ];
    for (const [args, first] of tries) {
      const { code, stderr, stdout } = await world.run(args);
      // What was read before the fault may have been told already.
      const lines = stderr.trimEnd().split("\n").filter((line) =>
        !line.includes('rule 5: "cl') && !line.startsWith("  refused")
      );
      assertEquals([code, lines.length, stdout], [78, 2, ""], `${args.join(" ")}: ${stderr}`);
      assertMatch(lines[0]!, first);
      assertMatch(lines[1]!, /^Try: ./);
    }
    assertEquals(await world.keys(), before);
    assertEquals(await world.members("traptor-follow:0"), [{ value: "nasa" }]);
  },
});

serviceTest({
  name: "one bad rule costs no other: control characters, too large numbers and long values are told one by one",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    const long = "x".repeat(100_000);
    const stdin = [
      JSON.stringify({ value: "good" }),
      JSON.stringify({ value: "de\u0007no" }),
      JSON.stringify({ value: long, tag: "long" }),
      JSON.stringify({ value: "\u001b[31mred" }),
    ].join("\n");
    const { stderr } = await world.done(["json", "-", "--refused", "refused.jsonl"], { stdin });
    assertEquals(
      jsonLines(await Deno.readTextFile(`${world.folder}/refused.jsonl`)).map(({ where, reason }) => [where, reason]),
      [
        ["stdin, line 2", "its value holds the control character \\u{7}"],
        ["stdin, line 4", "its value holds the control character \\u{1b}"],
      ],
    );
    assertStringIncludes(stderr, "1 kept rule has faults that X will refuse: `traptor rules lint` names them\n");
    assertEquals([stderr.includes("\u001b"), stderr.includes("\u0007"), stderr.length < 2_000], [false, false, true]);
    const lint = await world.run(["lint"]);
    assertEquals(lint.code, 1);
    assertMatch(lint.stdout, /^fault: track:0 "x+…".*1,?024/);
    assertEquals(lint.stdout.length < 2_000, true);
    const { stdout } = await world.done(["list"]);
    assertEquals(stdout.split("\n").every((line) => line.length < 300), true);
  },
});

serviceTest({
  name: "ids beyond 2^53 without quotes are kept to the last digit, in every format",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    const large = "9007199254740993";
    const expected = [{ value: large }];
    await world.done(["json", "-", "--type", "follow"], { stdin: `[${large}]` });
    assertEquals(await world.members("traptor-follow:0"), expected);
    await world.done(["csv", "-", "--type", "follow", "--id", "1"], { stdin: `value\n${large}\n` });
    assertEquals(await world.members("traptor-follow:1"), expected);
    await world.done(["gnip", "-", "--id", "2"], {
      stdin: `{"rules":[{"value":"from:${large}","id":1128017341835464705}]}`,
    });
    assertEquals(await world.members("traptor-follow:2"), [{ value: large, gnip_id: "1128017341835464705" }]);
  },
});
