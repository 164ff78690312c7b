import { assertEquals, assertStringIncludes } from "@std/assert";
import { failureOf, networkFailure, type XFailureKind } from "../../../src/stream/x_failure.ts";

const NOW = Date.UTC(2026, 10, 23);

/** Bodies as X documents them, or as they were seen in the field. */
const ANSWERS: readonly (readonly [string, number, string, XFailureKind, boolean])[] = [
  [
    "too many connections",
    429,
    '{"title":"ConnectionException","detail":"This stream is currently at the maximum allowed connection limit.",' +
    '"connection_issue":"TooManyConnections","type":"https://api.x.com/2/problems/streaming-connection"}',
    "too_many_connections",
    true,
  ],
  [
    "no rules",
    409,
    '{"title":"ConnectionException","detail":"You must define rules","connection_issue":"RuleConfigurationIssue",' +
    '"type":"https://api.twitter.com/2/problems/streaming-connection"}',
    "no_rules",
    true,
  ],
  [
    "not enrolled",
    403,
    '{"client_id":"1","detail":"you must use keys","title":"Client Forbidden","reason":"client-not-enrolled",' +
    '"type":"https://api.twitter.com/2/problems/client-forbidden"}',
    "forbidden",
    false,
  ],
  ["unauthorized", 401, '{"title":"Unauthorized","type":"about:blank","detail":"Unauthorized"}', "unauthorized", false],
  [
    "the month is used up",
    429,
    '{"title":"UsageCapExceeded","period":"Monthly","detail":"Usage cap exceeded: Monthly product cap",' +
    '"type":"https://api.twitter.com/2/problems/usage-capped"}',
    "depleted",
    true,
  ],
  ["no credits", 402, '{"title":"CreditsDepleted"}', "depleted", true],
  ["no credits, without a body", 402, "", "depleted", true],
  ["a rate limit in v1's form", 429, '{"errors":[{"code":88,"message":"Rate limit exceeded"}]}', "rate_limit", true],
  ["a rate limit without a body", 429, "", "rate_limit", true],
  ["HTML", 503, "<html>Over capacity</html>", "http", true],
  ["a body that broke off", 500, '{"title":"Intern', "http", true],
  [
    "a request that makes no sense",
    400,
    '{"errors":[{"parameters":{"x":[]},"message":"field is required"}],"title":"Invalid Request",' +
    '"detail":"One or more parameters to your request was invalid.","type":"https://api.x.com/2/problems/invalid-request"}',
    "invalid",
    false,
  ],
  [
    "another problem type of another host",
    429,
    '{"title":"x","type":"https://api.X.com/z/rate-limit-exceeded"}',
    "rate_limit",
    true,
  ],
];

for (const [name, status, body, kind, mayHeal] of ANSWERS) {
  Deno.test(`${status}, ${name}, is ${kind}`, async () => {
    const failure = await failureOf(new Response(body, { status }), NOW);
    assertEquals({ kind: failure.kind, mayHeal: failure.mayHeal, status: failure.status }, { kind, mayHeal, status });
    assertStringIncludes(failure.message, String(status));
  });
}

Deno.test("X's inner words explain a request that makes no sense", async () => {
  const body = '{"errors":[{"message":"field is required"}],"title":"Invalid Request","detail":"One was invalid."}';
  const failure = await failureOf(new Response(body, { status: 400 }), NOW);
  assertEquals(failure.message, "X answered 400 Invalid Request: One was invalid. field is required");
});

Deno.test("the reset of a rate limit becomes a wait, bounded by X's window", async () => {
  const waits: (number | undefined)[] = [];
  for (const reset of [NOW / 1000 + 90, NOW / 1000 - 90, NOW / 1000 + 86_400, "nonsense"]) {
    const headers = { "x-rate-limit-reset": String(reset) };
    waits.push((await failureOf(new Response("", { status: 429, headers }), NOW)).retryAfterMs);
  }
  assertEquals(waits, [90_000, 0, 960_000, undefined]);
});

Deno.test("of a network failure the innermost cause is told", () => {
  const error = new TypeError("error sending request", {
    cause: new Error("tls", { cause: new Error("certificate expired") }),
  });
  assertEquals(networkFailure(error).message, "X cannot be reached: certificate expired");
});
