/** `traptor rules gnip`, over the samples of GNIP's formats, into a real Redis. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { listenForNotices } from "../support/notices.ts";
import { jsonLines, type RulesWorld, startRulesWorld } from "../support/rules_world.ts";
import { serviceTest } from "../support/services.ts";

const sample = (name: string) => new URL(`../data/gnip/${name}`, import.meta.url).pathname;
const SAMPLES = ["accounts.json", "powertrack.json", "rules-response.json", "plain-list.txt"].map(sample);

async function refusedIn(world: RulesWorld, name: string): Promise<[file: string, value: unknown][]> {
  return jsonLines(await Deno.readTextFile(`${world.folder}/${name}`)).map(({ where, value, reason }) => {
    assertEquals(typeof reason === "string" && reason.length > 10, true);
    return [String(where).split("/").at(-1)!, value];
  });
}

serviceTest({
  name: "GNIP's rules become accounts: several files are one source, equal ones are merged with their tags",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    await using notices = await listenForNotices(world.port);
    const { stderr } = await world.done(["gnip", ...SAMPLES, "--refused", "refused.jsonl"]);
    assertEquals(await world.members("traptor-follow:0"), [
      { value: "12345678", tag: "press" },
      { value: "17874544", tag: "support", gnip_id: "1190000000000000001" },
      { value: "2244994945", tag: "platform,platform-links", gnip_id: "1128017341835464704" },
      { value: "783214", tag: "platform" },
      { value: "87654321", tag: "press" },
      { value: "nasa", tag: "space" },
    ]);
    assertEquals((await world.keys("traptor-*")).length, 1);
    assertStringIncludes(stderr, "26 rules read, 6 kept, 5 merged with equal ones, 15 refused\n");
    assertStringIncludes(stderr, "3 rules said more than accounts, of which only the accounts are kept: --as query");
    assertEquals((await refusedIn(world, "refused.jsonl")).length, 15);
    assertEquals(await notices.told(), ["follow:0"]);
    assertEquals(Deno.statSync(`${world.folder}/refused.jsonl`).mode! & 0o777, 0o600);
  },
});

serviceTest({
  name: "GNIP's rules become queries as a whole; what X does not have is refused by name, with its place",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    await world.done(["gnip", ...SAMPLES, "--as", "query", "--refused", "refused.jsonl"]);
    const values = (await world.members("traptor-query:0")).map((rule) => (rule as { value: string }).value);
    assertEquals(values.length, 16);
    assertEquals(values.includes("(apple OR iphone) (price OR cost) lang:en -is:retweet"), true);
    assertEquals(values.includes("from:2244994945 has:links"), true);
    assertEquals(await refusedIn(world, "refused.jsonl"), [
      ["powertrack.json, rule 2", 'url_contains:"example.com" has:links'],
      ["powertrack.json, rule 3", 'bio_contains:"data engineer" profile_country:US'],
      ["powertrack.json, rule 6", 'contains:"phone" friends_count:100..500'],
      ["powertrack.json, rule 11", "apple OR"],
      ["powertrack.json, rule 12", "-ipad"],
      ["rules-response.json, rule 2", "snow profile_region:colorado"],
      ["rules-response.json, rule 3", "snow ("],
    ]);
  },
});

serviceTest({
  name: "GNIP's plain keywords become track rules; --type says the reading as well, and --dry-run stores nothing",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    const { stdout, stderr } = await world.done(["gnip", sample("powertrack.json"), "--type", "track", "--dry-run"]);
    assertEquals(jsonLines(stdout), [{ type: "track", id: 0, value: "#deno, $TSLA, @denoland", tag: "entities" }]);
    assertStringIncludes(stderr, "Nothing was stored (--dry-run)\n");
    assertEquals(await world.keys(), []);
    const { code, stderr: errors } = await world.run(["gnip", sample("powertrack.json"), "--as", "geo"]);
    assertEquals([code, errors], [
      64,
      "Cannot read rules as geo: there is no such reading\nTry: --as follow, --as track, --as query\n",
    ]);
  },
});
