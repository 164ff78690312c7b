/** Rules from JSON, CSV and text, from files and stdin, into a real Redis; the flags that all sources share. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { listenForNotices } from "../support/notices.ts";
import { jsonLines, type RulesWorld, startRulesWorld } from "../support/rules_world.ts";
import { serviceTest } from "../support/services.ts";

/** The values in each slot of a type. */
async function slotsOf(world: RulesWorld, type: string): Promise<Record<string, string[]>> {
  const slots: Record<string, string[]> = {};
  for (const key of await world.keys(`traptor-${type}:*`)) {
    const members = await world.members(key) as { value: string }[];
    slots[key.slice("traptor-".length)] = members.map(({ value }) => value).sort();
  }
  return slots;
}

serviceTest({
  name: "JSON lines from stdin: extra fields travel along, equal rules are merged, large ids stay exact",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    const stdin = [
      '{"value":"NASA","tag":"space","project":"a"}',
      '{"value":9007199254740993,"tag":"large","project":12345678901234567890}',
      '{"value":"@nasa","tag":"agency"}',
      '{"value":"not an account!"}',
      '{"tag":"no value"}',
      "[1]",
    ].join("\n");
    const { stdout, stderr } = await world.done(["json", "-", "--type", "follow", "--json", "--refused", "r.jsonl"], {
      stdin,
    });
    assertEquals(JSON.parse(stdout), {
      read: 6,
      merged: 1,
      refused: 3,
      faulty: 0,
      kept: 2,
      slots: [{ slot: "follow:0", before: 0, after: 2, added: 2, removed: 0, changed: 0 }],
    });
    assertEquals(await world.members("traptor-follow:0"), [
      { value: "9007199254740993", tag: "large", project: "12345678901234567890" },
      { value: "NASA", tag: "space,agency", project: "a" },
    ]);
    assertStringIncludes(stderr, "stdin, line 4: not an account!\n  refused: its value is no account");
    assertEquals(
      jsonLines(await Deno.readTextFile(`${world.folder}/r.jsonl`)).map(({ where }) => where),
      ["stdin, line 4", "stdin, line 5", "stdin, line 6"],
    );
  },
});

serviceTest({
  name: "a table with a header: quoted fields, a type a row, columns that travel along; --tag takes the place of tags",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    await world.write(
      "rules.csv",
      'value,tag,type,note\n"deno, bun",a,keyword,"he said ""yes"""\n"-74.1,40.6,-73.9,40.8",b,geo,\n783214,c,username,x\n',
    );
    const { stderr } = await world.done(["csv", "rules.csv", "--tag", "all"]);
    assertEquals(await world.members("traptor-track:0"), [{ value: "deno, bun", tag: "all", note: 'he said "yes"' }]);
    assertEquals(await world.members("traptor-geo:0"), [{ value: "-74.1,40.6,-73.9,40.8", tag: "all" }]);
    assertEquals(await world.members("traptor-follow:0"), [{ value: "783214", tag: "all", note: "x" }]);
    assertStringIncludes(stderr, "Collected by `traptor --type track,follow,geo`\n");
  },
});

serviceTest({
  name: "text: a hash and a space begin a comment, a hashtag is a rule; in the layout of a hash a rule",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    await world.done(["text", "-", "--layout", "hash", "--tag", "t"], {
      stdin: "# a comment\n#deno\n\nkafka streams\n",
    });
    const keys = await world.keys("traptor-*");
    const rules = await Promise.all(keys.map((key) => world.fields(key)));
    assertEquals(rules.map(({ value, tag, orig_type }) => [value, tag, orig_type]).sort(), [
      ["#deno", "t", "track"],
      ["kafka streams", "t", "track"],
    ]);
    assertEquals(keys, rules.map(({ rule_id }) => `traptor-track:0:${rule_id}`));
    // The other layout takes the place of this one.
    await world.done(["text", "-"], { stdin: "bun\n" });
    assertEquals(await world.keys("traptor-*"), ["traptor-track:0"]);
  },
});

serviceTest({
  name: "what is beyond a slot goes to the next; a rule stays in its slot when others come and go",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    await using notices = await listenForNotices(world.port);
    const { stderr } = await world.done(["text", "-", "--per-slot", "2"], { stdin: "a1\nb1\nc1\nd1\ne1\n" });
    assertEquals(await slotsOf(world, "track"), {
      "track:0": ["a1", "b1"],
      "track:1": ["c1", "d1"],
      "track:2": ["e1"],
    });
    assertStringIncludes(stderr, "Collected by `traptor --type track --id 0-2`\n");

    await world.done(["text", "-", "--replace"], { stdin: "b1\nd1\ne1\nf1\n", env: { TRACK_PER_SLOT: "2" } });
    assertEquals(await slotsOf(world, "track"), { "track:0": ["b1", "f1"], "track:1": ["d1"], "track:2": ["e1"] });

    await world.done(["text", "-", "--per-slot", "2", "--merge"], { stdin: "g1\nb1\n" });
    assertEquals(await slotsOf(world, "track"), {
      "track:0": ["b1", "f1"],
      "track:1": ["d1", "g1"],
      "track:2": ["e1"],
    });
    // A notice for each slot that changed, and for no other.
    assertEquals(await notices.told(), ["track:0", "track:1", "track:2", "track:0", "track:1", "track:1"]);

    const again = await world.done(["text", "-", "--per-slot", "2", "--merge"], { stdin: "g1\n" });
    assertStringIncludes(again.stderr, "Nothing changed: the slots hold these rules already\n");
    assertEquals((await notices.told()).length, 6);
  },
});

serviceTest({
  name: "whoever reads while a slot of thousands is replaced sees the old rules or the new ones, never a mixture",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    const rules = (word: string) => Array.from({ length: 5_000 }, (_, at) => `${word}${at}\n`).join("");
    await world.write("old.txt", rules("old"));
    await world.write("new.txt", rules("new"));
    await world.done(["text", "old.txt", "--per-slot", "5000"]);
    let isOver = false;
    const seen = new Set<string>();
    const looking = (async () => {
      while (!isOver) {
        const members = await world.redis("SMEMBERS", "traptor-track:0") as readonly string[];
        const words = new Set(members.map((member) => /"value":"([a-z]+)/.exec(member)?.[1]));
        seen.add(`${members.length} ${[...words].sort().join(" and ")}`);
      }
    })();
    await world.done(["text", "new.txt", "--per-slot", "5000"]).finally(() => isOver = true);
    await looking;
    seen.add(`${await world.redis("SCARD", "traptor-track:0")} new`);
    assertEquals([...seen].sort(), ["5000 new", "5000 old"]);
  },
});

serviceTest({
  name: "rules that are printed for a dry run can be stored from there, each in its slot",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    await world.write("five.txt", "a1\nb1\nc1\nd1\ne1\n");
    const { stdout } = await world.done(["text", "five.txt", "--per-slot", "2", "--dry-run", "--tag", "t"]);
    assertEquals(jsonLines(stdout).map(({ id, value }) => [id, value]), [
      [0, "a1"],
      [0, "b1"],
      [1, "c1"],
      [1, "d1"],
      [2, "e1"],
    ]);
    assertEquals(await world.keys(), []);
    await world.done(["json", "-"], { stdin: stdout });
    assertEquals(await slotsOf(world, "track"), {
      "track:0": ["a1", "b1"],
      "track:1": ["c1", "d1"],
      "track:2": ["e1"],
    });
  },
});

serviceTest({
  name: "what makes no sense is refused in two lines, with 64 for the command line and 69 for a Redis that is away",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    await world.write("rules.txt", "deno\n");
    const tries: [args: string[], code: number, first: RegExp][] = [
      [["text", "rules.txt", "--merge", "--replace"], 64, /^Cannot use --replace together with --merge/],
      [["text", "rules.txt", "--layout", "list"], 64, /^Cannot use --layout list: there is no such layout/],
      [["text", "rules.txt", "--per-slot", "0"], 64, /^Cannot use --per-slot 0/],
      [["text"], 64, /takes one file, or - for stdin/],
      [["text", "rules.txt", "--refused", "rules.txt"], 64, /the rules are read from it/],
      [["text", "rules.txt", "--refused", "no/such/folder"], 64, /^Cannot write what is refused into no\/such\/folder/],
      [["text", "no-such-file"], 78, /^Cannot read the rules in no-such-file: there is no such file/],
      [
        ["text", "rules.txt", "--rules", "file:x.txt"],
        78,
        /^Cannot store the rules: TRAPTOR_RULES names the file x.txt/,
      ],
      [["txt", "rules.txt"], 64, /^Cannot run "txt": there is no such command of rules/],
      [[], 64, /^Cannot tell what to do with the rules: a command is missing/],
    ];
    for (const [args, code, first] of tries) {
      const ended = await world.run(args);
      const lines = ended.stderr.trimEnd().split("\n");
      assertEquals([ended.code, lines.length, ended.stdout], [code, 2, ""], `${args.join(" ")}: ${ended.stderr}`);
      assertMatch(lines[0]!, first);
      assertMatch(lines[1]!, /^Try: ./);
    }
    assertEquals(await Deno.readTextFile(`${world.folder}/rules.txt`), "deno\n");
    const away = await world.run(["text", "rules.txt"], { env: { REDIS_URL: "redis://127.0.0.1:1" } });
    assertEquals([away.code, away.stderr], [
      69,
      "Cannot store the rules: nothing answers at 127.0.0.1:1\n" +
      "Try: again when Redis answers; --redis-url says where it is\n",
    ]);
    assertEquals(await world.keys(), []);
  },
});
