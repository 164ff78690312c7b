import { assertEquals } from "@std/assert";
import { outcomesIn } from "../../../src/deliver/elasticsearch_bulk.ts";
import { documentOf } from "../../../src/deliver/elasticsearch_document.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { recordOf } from "../../support/records.ts";
import { type TweetParts, tweetRecord } from "../../support/tweets.ts";

function documentText(parts: TweetParts): string {
  return new TextDecoder().decode(documentOf(tweetRecord(parts)) as Uint8Array);
}

function searched(data: JsonObject, includes: JsonObject = {}): JsonObject {
  return JSON.parse(documentText({ id: "1", data, includes }));
}

Deno.test("a document ends with the record, byte for byte", () => {
  const parts = { id: "1", text: 'a "record":{ \u2028 \\u2028 地震', data: { odd: "\u0000", half: "\ud83d" } };
  const record = new TextDecoder().decode(tweetRecord(parts).value);
  const text = documentText(parts);
  assertEquals(text.slice(text.indexOf('"record":') + '"record":'.length), `${record}}`);
  assertEquals(JSON.parse(text).text, parts.text);
});

Deno.test("what is searched is read from the tweet, of a long one from its whole text's entities", () => {
  const tags = (...names: string[]) => ({ hashtags: names.map((tag) => ({ tag })) });
  const data = { text: "short…", entities: tags("a"), note_tweet: { text: "long", entities: tags("a", "b", "a") } };
  assertEquals(searched(data)["hashtags"], ["a", "b"]);
  assertEquals(searched({ entities: tags("a") })["hashtags"], ["a"]);
  const urls = { urls: [{ url: "https://t.co/1", expanded_url: "https://deno.com" }, { url: "https://t.co/2" }] };
  assertEquals(searched({ entities: urls })["urls"], ["https://deno.com"]);
  const references = [{ type: "quoted", id: "2" }, { type: "replied_to", id: "3" }];
  const answer = searched({ conversation_id: "9", referenced_tweets: references });
  assertEquals([answer["conversation_id"], answer["quoted_id"], answer["replied_to_id"]], ["9", "2", "3"]);
  assertEquals(answer["retweeted_id"], undefined);
});

Deno.test("a place is a box, one without an extent a point or a line, a wrong one nothing", () => {
  const area = (bbox: unknown) => {
    const places = [{
      id: "p",
      full_name: "Tokyo",
      country_code: "JP",
      geo: { type: "Feature", bbox: bbox as number[] },
    }];
    const place = searched({ geo: { place_id: "p" } }, { places })["place"] as JsonObject;
    assertEquals([place["id"], place["name"], place["country_code"]], ["p", "Tokyo", "JP"]);
    return place["area"];
  };
  assertEquals(area([138.9, 35.5, 139.9, 35.9]), { type: "envelope", coordinates: [[138.9, 35.9], [139.9, 35.5]] });
  assertEquals(area([179, -20, -178, -12]), { type: "envelope", coordinates: [[179, -12], [-178, -20]] });
  assertEquals(area([1, 2, 1, 2]), { type: "point", coordinates: [1, 2] });
  assertEquals(area([1, 2, 1, 3]), { type: "linestring", coordinates: [[1, 2], [1, 3]] });
  for (const wrong of [[1, 2, 3], [1, 4, 2, 3], [999, 0, 1, 1], ["1", 2, 3, 4], null, "box"]) {
    assertEquals(area(wrong), undefined, JSON.stringify(wrong));
  }
  assertEquals(searched({ geo: { place_id: "p" } })["place"], { id: "p" });
});

Deno.test("exact coordinates are a point, longitude first as X sends them; wrong ones are none", () => {
  const point = (coordinates: unknown) =>
    searched({ geo: { coordinates: { type: "Point", coordinates: coordinates as number[] } } })["point"];
  assertEquals(point([139.69, 35.68]), { lon: 139.69, lat: 35.68 });
  for (const wrong of [[0, 91], [181, 0], [1], [], ["1", "2"], null]) assertEquals(point(wrong), undefined);
});

Deno.test("what would spoil a whole request becomes no document, with the reason", () => {
  const reason = "it is no JSON object on one line";
  for (const text of ["[]", "{", "", '{"data":{}}\n', '{\n"data":{}}']) {
    assertEquals(documentOf({ ...recordOf(1), value: new TextEncoder().encode(text) }), reason, text);
  }
  assertEquals(documentOf({ ...recordOf(1), id: "1".repeat(513) }), "its id is longer than the server takes");
  assertEquals(typeof documentOf({ ...recordOf(1), id: "1".repeat(512) }), "object");
});

Deno.test("an answer tells for each document whether it was taken, is refused, or has to come again", () => {
  const item = (status: number, type?: string, reason = "because", cause?: string): JsonObject => ({
    index: {
      status,
      ...type !== undefined && { error: { type, reason, ...cause !== undefined && { caused_by: { reason: cause } } } },
    },
  });
  const kinds = (...items: JsonObject[]) => outcomesIn({ items }, items.length)!.map(({ kind }) => kind);
  assertEquals(kinds(item(201), item(200)), ["taken", "taken"]);
  for (const type of ["mapper_parsing_exception", "document_parsing_exception", "parsing_exception"]) {
    assertEquals(kinds(item(400, type)), ["refused"], type);
  }
  const immense = 'Document contains at least one immense term in field="lang"';
  assertEquals(kinds(item(400, "illegal_argument_exception", immense)), ["refused"]);
  // The index's own fault holds for all of a batch; what others did not suffer from is the document's.
  const alias = item(400, "illegal_argument_exception", "no write index is defined for alias [tweets]");
  assertEquals(kinds(alias, alias), ["passing", "passing"]);
  assertEquals(kinds(alias, item(201)), ["refused", "taken"]);
  for (const status of [403, 404, 409, 429, 500, 503]) {
    assertEquals(kinds(item(status, "some_exception"), item(201)), ["passing", "taken"], String(status));
  }
  const [outcome] = outcomesIn({ items: [item(400, "mapper_parsing_exception", "failed", "For input string")] }, 1)!;
  assertEquals(outcome, { kind: "refused", words: "failed: For input string" });
});

Deno.test("an answer that does not fit the request is none", () => {
  for (const body of [{}, { items: [] }, { items: "a" }, { items: [{ index: { status: 201 } }, {}] }]) {
    assertEquals(outcomesIn(body as JsonObject, 1), undefined, JSON.stringify(body));
  }
  assertEquals(outcomesIn({ items: [{}] }, 1), [{ kind: "passing", words: "status undefined" }]);
});
