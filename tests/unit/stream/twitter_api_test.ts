/** What X answers to added rules, read: with a transport that answers as X was seen to. */

import { assertEquals, assertRejects } from "@std/assert";
import { isObject, type JsonObject, parseJson } from "../../../src/model/json.ts";
import type { Transport } from "../../../src/stream/transport.ts";
import { Token } from "../../../src/stream/token.ts";
import { TwitterRulesApi } from "../../../src/stream/twitter_api.ts";
import { XFailure } from "../../../src/stream/x_failure.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const signal = new AbortController().signal;
const BAD = { value: "--b", tag: "bad" };
const GOOD = { value: "deno", tag: "good" };

/** An X that answers by the values that it is asked to add. */
function apiThat(answers: (values: readonly string[]) => JsonObject): { api: TwitterRulesApi; asked: string[][] } {
  const asked: string[][] = [];
  const transport: Transport = {
    aheadMs: 0,
    async fetch(_path, init) {
      const body = parseJson(await new Response(init?.body ?? null).text());
      const added = isObject(body) && Array.isArray(body["add"]) ? body["add"] : [];
      const values = added.map((rule) => isObject(rule) ? String(rule["value"]) : "");
      asked.push(values);
      return Response.json(answers(values));
    },
    close() {},
  };
  return { api: new TwitterRulesApi(new Token("token"), { transport, clock: new FakeClock() }), asked };
}

function refusal(value: string): JsonObject {
  return { value, title: "UnprocessableEntity", details: ["Rules must contain a non-negation term (at position 1)"] };
}

Deno.test("a refused rule is told with X's words, and the others of its call are to be sent again", async () => {
  const { api, asked } = apiThat(() => ({ errors: [refusal(BAD.value)] }));
  const outcome = await api.addRules([BAD, GOOD], signal);
  assertEquals(outcome.refused, [{
    value: BAD.value,
    reason: "Rules must contain a non-negation term (at position 1)",
  }]);
  assertEquals(outcome.untried, [GOOD]);
  assertEquals(asked.length, 1);
});

Deno.test("where X writes a refused rule otherwise than we did, the rules are added one by one", async () => {
  const { api, asked } = apiThat((values) =>
    values.includes(BAD.value)
      ? { errors: [refusal("- -b")] }
      : { data: [{ id: "7", value: GOOD.value, tag: GOOD.tag }] }
  );
  const { added, refused, untried } = await api.addRules([BAD, GOOD], signal);
  assertEquals(added, [{ id: "7", ...GOOD }]);
  assertEquals(refused.map(({ value }) => value), [BAD.value]);
  assertEquals(untried, []);
  assertEquals(asked, [[BAD.value, GOOD.value], [BAD.value], [GOOD.value]]);
});

Deno.test("an answer that says nothing of a rule is a failure that may heal", async () => {
  const { api } = apiThat(() => ({ meta: {} }));
  const error = await assertRejects(() => api.addRules([GOOD], signal), XFailure);
  assertEquals(error.mayHeal, true);
});
