import { assert, assertEquals } from "@std/assert";
import { readMessage, timeOfId } from "../../../src/model/stream_message.ts";
import { withChance } from "../../support/seeded.ts";

function read(text: string) {
  return readMessage(new TextEncoder().encode(text));
}

Deno.test("a tweet: its id, its rules, when it was made", () => {
  const message = read(
    '{"data":{"id":"1234567890123456789","text":"x","created_at":"2024-01-15T10:35:00.000Z"},' +
      '"matching_rules":[{"id":"1273026480692322304","tag":"cats"},{"id":"2"}]}',
  );
  assert(message.kind === "tweet");
  assertEquals(message.id, "1234567890123456789");
  assertEquals(message.matched, [{ id: "1273026480692322304", tag: "cats" }, { id: "2", tag: "" }]);
  assertEquals(message.createdAt, "2024-01-15T10:35:00.000Z");
});

Deno.test("numeric ids beyond 2^53, as captures of 2020 have them, are read exactly", () => {
  const message = read(
    '{"data":{"id":1234567890123456789},"matching_rules":[{"id":1128017341835464704,"tag":null},{"id":3}]}',
  );
  assert(message.kind === "tweet");
  assertEquals(message.id, "1234567890123456789");
  assertEquals(message.matched, [{ id: "1128017341835464704", tag: "" }, { id: "3", tag: "" }]);
});

Deno.test("without created_at the id tells when a tweet was made", () => {
  const message = read('{"data":{"id":"1212092628029698048"}}');
  assertEquals(message.kind === "tweet" && message.createdAt, "2019-12-31T19:26:16.771Z");
  assertEquals(timeOfId("20"), undefined);
});

Deno.test("a disconnect notice, wrapped and at the top level", () => {
  const notice =
    '{"title":"operational-disconnect","disconnect_type":"OperationalDisconnect","detail":"This stream has been ' +
    'disconnected for operational reasons.","type":"https://api.twitter.com/2/problems/operational-disconnect"}';
  for (const text of [notice, `{"errors":[${notice}]}`]) {
    const message = read(text);
    assert(message.kind === "notice");
    assertEquals(message.problems[0]?.problem, "operational-disconnect");
    assertEquals(message.problems[0]?.disconnectType, "OperationalDisconnect");
  }
});

Deno.test("partial errors beside data are no notice", () => {
  const message = read('{"data":{"id":"1"},"errors":[{"title":"Not Found Error","type":"x/resource-not-found"}]}');
  assert(message.kind === "tweet");
  assertEquals(message.partialErrors.map(({ problem }) => problem), ["resource-not-found"]);
});

Deno.test("what is no tweet has a kind of its own", () => {
  const kinds: Record<string, string> = {
    "no JSON": "not_json",
    '{"data":{"id":"1"': "not_json",
    "[1,2]": "not_an_object",
    '"text"': "not_an_object",
    "null": "not_an_object",
    "17": "not_an_object",
    '{"data":{"text":"x"}}': "no_id",
    '{"data":{"id":"../etc"}}': "no_id",
    '{"data":[]}': "unknown_kind",
    "{}": "unknown_kind",
    '{"limit":{"track":5}}': "unknown_kind",
  };
  for (const [text, why] of Object.entries(kinds)) assertEquals(read(text), { kind: "odd", why } as never, text);
});

Deno.test("nesting without end and random bytes never throw", async () => {
  read(`{"data":{"id":1${"0".repeat(19)},"x":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`);
  read("[".repeat(1_000_000));
  await withChance((chance) => {
    const seedText = new TextEncoder().encode(
      '{"data":{"id":"1","text":"日本"},"matching_rules":[{"id":5}],"errors":[{}]}',
    );
    for (let round = 0; round < 5_000; round++) {
      const bytes = seedText.slice();
      for (let flips = 0; flips < 4; flips++) bytes[Math.floor(chance() * bytes.length)] = Math.floor(chance() * 256);
      readMessage(bytes);
    }
  });
});
