/** The Elasticsearch sink's index as people use it, on a real OpenSearch. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import { TransientError } from "../../src/base/errors.ts";
import { elasticsearchHolds } from "../../src/deliver/elasticsearch_ids.ts";
import { ElasticsearchSink } from "../../src/deliver/elasticsearch_sink.ts";
import { indexTemplate, TEMPLATE_VERSION } from "../../src/deliver/elasticsearch_template.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { recordOf } from "../support/records.ts";
import { askServer, foundIds } from "../support/search_index.ts";
import { serviceTest, sharedOpenSearch } from "../support/services.ts";
import { tweetRecord } from "../support/tweets.ts";

const NEVER = new AbortController().signal;

/** Registers a test with a sink, not open yet, on an index of its own. */
function indexTest(name: string, test: (sink: ElasticsearchSink, url: string, index: string) => Promise<void>): void {
  serviceTest({
    name: `${name} (real OpenSearch)`,
    needs: ["opensearch"],
    async fn() {
      const { url } = await sharedOpenSearch();
      const index = `tweets-${crypto.randomUUID()}`;
      const sink = new ElasticsearchSink({ url, index }, systemClock());
      try {
        await test(sink, url, index);
      } finally {
        await sink.close();
        await askServer(url, `/${index}`, undefined, "DELETE");
        await askServer(url, `/_index_template/traptor-${index}`, undefined, "DELETE");
      }
    },
  });
}

async function fieldsOf(url: string, index: string): Promise<JsonObject> {
  const answer = await askServer(url, `/${index}/_mapping`) as Record<string, { mappings: JsonObject }>;
  return answer[index]!.mappings;
}

async function templateAt(url: string, index: string): Promise<JsonObject> {
  const answer = await askServer(url, `/_index_template/traptor-${index}`);
  const [first] = answer["index_templates"] as { index_template: JsonObject }[];
  return first!.index_template;
}

indexTest("the index has the fields that the template names, with their types", async (sink, url, index) => {
  await sink.open(NEVER);
  await sink.write([tweetRecord({ id: "1790000000000000001" })], NEVER);
  const { properties } = await fieldsOf(url, index) as { properties: Record<string, JsonObject> };
  const types = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, field["type"] ?? "object"]),
  );
  assertEquals(types, {
    author_id: "keyword",
    author_username: "keyword",
    collected_at: "date",
    conversation_id: "keyword",
    created_at: "date",
    hashtags: "keyword",
    lang: "keyword",
    mentions: "keyword",
    place: "object",
    point: "geo_point",
    provenance: "keyword",
    quoted_id: "keyword",
    record: "object",
    replied_to_id: "keyword",
    retweeted_id: "keyword",
    rules: "object",
    text: "text",
    urls: "keyword",
  });
  const { docs } = await askServer(url, `/${index}/_mget`, { ids: ["1790000000000000001"] }) as { docs: JsonObject[] };
  const { record: _, ...searched } = docs[0]!["_source"] as JsonObject;
  assertEquals(searched, {
    created_at: "2026-11-23T09:59:58.000Z",
    collected_at: "2026-11-23T10:00:00.000Z",
    author_id: "9007199254740993",
    author_username: "deno_land",
    text: "tweet 1790000000000000001",
    lang: "en",
    rules: [{ tag: "runtimes", value: "deno" }],
    provenance: "live",
    hashtags: [],
    mentions: [],
    urls: [],
  });
});

indexTest(
  "words are found in every script, of two Chinese, Japanese or Korean characters too",
  async (sink, url, index) => {
    await sink.open(NEVER);
    const texts = [
      "東京都で地震がありました",
      "北京发生地震了吗",
      "서울에서 지진이 발생했다",
      "To be or NOT to be",
      "زلزال في طوكيو",
    ];
    await sink.write(texts.map((text, at) => tweetRecord({ id: String(at + 1), text })), NEVER);
    const found = (words: string) => foundIds(url, index, { match_phrase: { text: words } });
    assertEquals(await found("地震"), ["1", "2"]);
    assertEquals(await found("東京都"), ["1"]);
    assertEquals(await found("지진이"), ["3"]);
    assertEquals(await found("not to"), ["4"]);
    assertEquals(await found("زلزال"), ["5"]);
    assertEquals(await found("京東"), []);
  },
);

indexTest("ids, names, tags, days and areas are found", async (sink, url, index) => {
  const geo = { place_id: "df51dec6f4ee2b2c", coordinates: { type: "Point", coordinates: [139.69, 35.68] } };
  const places = [{
    id: "df51dec6f4ee2b2c",
    full_name: "Tokyo, Japan",
    country_code: "JP",
    geo: { type: "Feature", bbox: [138.9, 35.5, 139.9, 35.9], properties: {} },
  }];
  const entities = { hashtags: [{ tag: "Quake" }], mentions: [{ username: "JMA_kishou" }] };
  await sink.open(NEVER);
  await sink.write([
    tweetRecord({ id: "1", data: { geo, entities }, includes: { places }, rules: [{ value: "地震", tag: "quakes" }] }),
    tweetRecord({ id: "2", createdAt: "2026-11-22T00:00:00.000Z" }),
  ], NEVER);
  const found = (query: JsonObject) => foundIds(url, index, query);
  assertEquals(await found({ term: { author_id: "9007199254740993" } }), ["1", "2"]);
  assertEquals(await found({ term: { author_id: "9007199254740992" } }), []);
  assertEquals(await found({ term: { author_username: "Deno_Land" } }), ["1", "2"]);
  assertEquals(await found({ term: { hashtags: "quake" } }), ["1"]);
  assertEquals(await found({ term: { mentions: "jma_kishou" } }), ["1"]);
  assertEquals(await found({ term: { "rules.tag": "quakes" } }), ["1"]);
  assertEquals(await found({ range: { created_at: { lt: "2026-11-23" } } }), ["2"]);
  assertEquals(await found({ geo_distance: { distance: "5km", point: { lat: 35.68, lon: 139.69 } } }), ["1"]);
  const shape = { type: "point", coordinates: [139, 35.6] };
  assertEquals(await found({ geo_shape: { "place.area": { shape, relation: "intersects" } } }), ["1"]);
});

indexTest("a repeat overwrites: one document a tweet", async (sink, url, index) => {
  await sink.open(NEVER);
  const twice = [recordOf(1, "first"), recordOf(2), recordOf(1, "second")];
  assertEquals(await sink.write(twice, NEVER), {});
  await sink.write(twice, NEVER);
  assertEquals(await foundIds(url, index), ["1", "2"]);
  assertEquals(await foundIds(url, index, { match: { text: "second" } }), ["1"]);
});

indexTest("whatever X adds, the index grows no field by it and refuses nothing", async (sink, url, index) => {
  await sink.open(NEVER);
  await sink.write([tweetRecord({ id: "1" })], NEVER);
  const before = await fieldsOf(url, index);
  const wild: JsonObject = {
    lang: { a: 1 },
    author_id: ["x"],
    created_at: 5,
    geo: { coordinates: { coordinates: [999, "a"] } },
  };
  for (let at = 0; at < 2_000; at++) wild[`new_${at}`] = at % 2 === 0 ? at : { deep: { deeper: [at] } };
  const records = [
    tweetRecord({ id: "2", data: wild }),
    tweetRecord({ id: "3", text: "half \ud800 a character", data: { odd: "\udfff" } }),
    tweetRecord({ id: "4", rules: [{ value: "v".repeat(50_000), tag: "t".repeat(40_000) }] }),
    tweetRecord({
      id: "5",
      data: { geo: { place_id: "p" } },
      includes: { places: [{ id: "p", geo: { bbox: [1, 1, 1, 1] } }] },
    }),
    tweetRecord({
      id: "6",
      data: { geo: { place_id: "p" } },
      includes: { places: [{ id: "p", geo: { bbox: [1, 1, 2, 1] } }] },
    }),
  ];
  assertEquals(await sink.write(records, NEVER), {});
  assertEquals(await fieldsOf(url, index), before);
  assertEquals(await foundIds(url, index), ["1", "2", "3", "4", "5", "6"]);
});

indexTest(
  "what an index will never take is refused with the server's words, the rest is written",
  async (sink, url, index) => {
    await askServer(url, `/${index}`, { mappings: { properties: { lang: { type: "long" } } } }, "PUT");
    await sink.open(NEVER);
    const batch = [recordOf(1), tweetRecord({ id: "2" }), recordOf(3), { ...recordOf(4), id: "4".repeat(600) }];
    const { refused } = await sink.write(batch, NEVER);
    assertEquals([...refused!.keys()].sort(), [1, 3]);
    assertStringIncludes(refused!.get(1)!, "failed to parse field [lang]");
    assertStringIncludes(refused!.get(3)!, "id");
    assertEquals(await foundIds(url, index), ["1", "3"]);
    const alone = await sink.write([tweetRecord({ id: "2" })], NEVER);
    assertEquals([...alone.refused!.keys()], [0]);
  },
);

indexTest("an index that takes nothing for a while refuses no record", async (sink, url, index) => {
  await sink.open(NEVER);
  await sink.write([recordOf(1)], NEVER);
  await askServer(url, `/${index}/_close`, {});
  await assertRejects(() => sink.write([recordOf(2)], NEVER), TransientError, `the index ${index} takes nothing`);
  await askServer(url, `/${index}/_open`, {});
  await sink.write([recordOf(2)], NEVER);
  assertEquals(await foundIds(url, index), ["1", "2"]);
});

indexTest("an index that was deleted is made again as the template says", async (sink, url, index) => {
  await sink.open(NEVER);
  await sink.write([tweetRecord({ id: "1" })], NEVER);
  const before = await fieldsOf(url, index);
  await askServer(url, `/${index}`, undefined, "DELETE");
  await sink.write([tweetRecord({ id: "2" })], NEVER);
  assertEquals(await fieldsOf(url, index), before);
  assertEquals(await foundIds(url, index), ["2"]);
});

indexTest(
  "the template is put once, an older one is replaced, a later or somebody's own is left alone",
  async (sink, url, index) => {
    const put = (template: JsonObject) => askServer(url, `/_index_template/traptor-${index}`, template, "PUT");
    const own: JsonObject = { index_patterns: [index], priority: 7 };
    const templates: readonly (readonly [name: string, template: JsonObject | undefined, isReplaced: boolean])[] = [
      ["none", undefined, true],
      ["older", { ...own, version: TEMPLATE_VERSION - 1, _meta: { made_by: "traptor" } }, true],
      ["later", { ...own, version: TEMPLATE_VERSION + 1, _meta: { made_by: "traptor" } }, false],
      ["somebody's", { ...own, version: TEMPLATE_VERSION - 1 }, false],
    ];
    for (const [name, template, isReplaced] of templates) {
      if (template) await put(template);
      for (let times = 0; times < 2; times++) await sink.open(NEVER);
      const { priority } = await templateAt(url, index);
      assertEquals(priority, isReplaced ? indexTemplate(index)["priority"] : 7, name);
    }
  },
);

indexTest("those of many ids that are in the index are answered", async (sink, url, index) => {
  const held = (ids: Iterable<string>) => elasticsearchHolds({ url, index }, ids, systemClock(), NEVER);
  const asked = Array.from({ length: 2_500 }, (_, at) => String(at));
  assertEquals((await held(asked)).size, 0);
  await sink.open(NEVER);
  await sink.write(asked.filter((id) => Number(id) % 3 === 0).map((id) => recordOf(id)), NEVER);
  const found = await held([...asked, "1790000000000000001"]);
  assertEquals([...found].map(Number).sort((a, b) => a - b), asked.map(Number).filter((id) => id % 3 === 0));
  await askServer(url, `/${index}/_doc/300`, undefined, "DELETE");
  assertEquals((await held(["297", "300", "303"])).has("300"), false);
});
