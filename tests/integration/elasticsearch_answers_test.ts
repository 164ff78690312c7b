/**
 * What the Elasticsearch sink makes of answers that a healthy server does not give. They are written down here as
 * Elasticsearch's and OpenSearch's documentation and source have them; a server on loopback gives them.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import { TransientError, UnavailableError } from "../../src/base/errors.ts";
import { elasticsearchHolds } from "../../src/deliver/elasticsearch_ids.ts";
import type { ElasticsearchPlace } from "../../src/deliver/elasticsearch_place.ts";
import { ElasticsearchSink } from "../../src/deliver/elasticsearch_sink.ts";
import { TEMPLATE_VERSION } from "../../src/deliver/elasticsearch_template.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { freePort } from "../support/free_port.ts";
import { type Asked, type Given, type RecordedServer, recordedServer } from "../support/recorded_server.ts";
import { recordOf, recordsOf } from "../support/records.ts";
import { waitUntil } from "../support/wait_until.ts";

const NEVER = new AbortController().signal;
const LOGIN = { username: "elastic", password: "hunter2" };
const TAKEN = { index: { status: 201 } };

function exchangeTest(name: string, fn: () => Promise<void>): void {
  Deno.test(`${name} (recorded exchange)`, fn);
}

async function withSink(
  answer: (asked: Asked) => Given | undefined,
  test: (sink: ElasticsearchSink, server: RecordedServer) => Promise<void>,
  place: Partial<ElasticsearchPlace> = {},
): Promise<void> {
  await using server = recordedServer(answer);
  const sink = new ElasticsearchSink({ url: server.url, index: "tweets", ...place }, systemClock());
  try {
    await test(sink, server);
  } finally {
    await sink.close();
  }
}

function idsIn(body: string): string[] {
  return body.split("\n").filter((_, at) => at % 2 === 0).filter((line) => line !== "").map((line) =>
    JSON.parse(line).index._id
  );
}

/** Takes everything. */
function takeAll({ body }: Asked): Given {
  return { body: { errors: false, items: idsIn(body).map(() => TAKEN) } };
}

/** The failure of a write of three records. */
async function failureOf(given: Given, place: Partial<ElasticsearchPlace> = {}): Promise<TransientError> {
  let failure: TransientError | undefined;
  await withSink(() => given, async (sink, { url }) => {
    const thrown = await assertRejects(() => sink.write(recordsOf(1, 3), NEVER), TransientError);
    thrown.message = thrown.message.replaceAll(url, "URL");
    failure = thrown;
  }, place);
  return failure!;
}

exchangeTest("a batch is one request, ids and documents a line each", async () => {
  await withSink(takeAll, async (sink, { asked }) => {
    assertEquals(await sink.write(recordsOf(1, 2), NEVER), {});
    assertEquals(asked.length, 1);
    const [{ body, headers, method, path }] = asked as [Asked];
    assertEquals([method, path.split("?")[0], headers.get("Content-Type")], [
      "POST",
      "/tweets/_bulk",
      "application/x-ndjson",
    ]);
    assertEquals(headers.get("Authorization"), null);
    const lines = body.split("\n");
    assertEquals([lines[0], lines[2], lines[4], lines.length], [
      '{"index":{"_id":"1"}}',
      '{"index":{"_id":"2"}}',
      "",
      5,
    ]);
    assertEquals(JSON.parse(lines[1]!).record, { data: { id: "1", text: "tweet 1" }, traptor: { version: 1 } });
  });
});

exchangeTest("the login goes along, of whatever script it is, and nothing that is said holds it", async () => {
  await withSink(takeAll, async (sink, { asked }) => {
    await sink.write(recordsOf(1, 1), NEVER);
    const sent = asked[0]!.headers.get("Authorization")!.replace("Basic ", "");
    const bytes = Uint8Array.from(atob(sent), (character) => character.charCodeAt(0));
    assertEquals(new TextDecoder().decode(bytes), "elastic:pä:ß");
    assert(!sink.target.includes("pä"), sink.target);
  }, { login: { username: "elastic", password: "pä:ß" } });
  for (const status of [200, 301, 400, 401, 403, 413, 500, 503]) {
    const refusals = await failureOf({ status, body: { error: "no" } }, { login: LOGIN }).catch(() => undefined);
    const said = Deno.inspect(refusals, { depth: 10 });
    assert(!said.includes("hunter2") && !said.includes(btoa("elastic:hunter2")), said);
  }
});

exchangeTest("one document that the server is too busy for makes the whole batch come again", async () => {
  const error = { type: "es_rejected_execution_exception", reason: "rejected execution of primary operation" };
  const items = [TAKEN, { index: { status: 429, error } }, TAKEN];
  const { message } = await failureOf({ body: { errors: true, items } });
  assertEquals(message, "the index tweets takes nothing: rejected execution of primary operation");
});

exchangeTest("an unavailable shard makes the whole batch come again, though another document is refused", async () => {
  const unavailable = { type: "unavailable_shards_exception", reason: "primary shard is not active" };
  const bad = { type: "document_parsing_exception", reason: "[1:5] failed to parse field [lang]" };
  const items = [{ index: { status: 400, error: bad } }, { index: { status: 503, error: unavailable } }, TAKEN];
  const { message } = await failureOf({ body: { errors: true, items } });
  assertEquals(message, "the index tweets takes nothing: primary shard is not active");
});

exchangeTest("what Elasticsearch 8 says of a document that it cannot parse refuses that one", async () => {
  const error = {
    type: "document_parsing_exception",
    reason: "[1:5] failed to parse field [lang] of type [long]",
    caused_by: { type: "illegal_argument_exception", reason: 'For input string: "en"' },
  };
  const items = [TAKEN, { index: { status: 400, error } }, TAKEN];
  await withSink(() => ({ body: { errors: true, items } }), async (sink) => {
    const { refused } = await sink.write(recordsOf(1, 3), NEVER);
    const words = '[1:5] failed to parse field [lang] of type [long]: For input string: "en"';
    assertEquals([...refused!], [[1, words]]);
  });
});

exchangeTest("what is refused here and what the server refuses are told by their places in the batch", async () => {
  const error = { type: "mapper_parsing_exception", reason: "failed to parse" };
  const items = [TAKEN, { index: { status: 400, error } }];
  await withSink(() => ({ body: { errors: true, items } }), async (sink) => {
    const odd = { ...recordOf(1), value: new TextEncoder().encode("[1]") };
    const { refused } = await sink.write([odd, recordOf(2), recordOf(3)], NEVER);
    assertEquals([...refused!], [[0, "it is no JSON object on one line"], [2, "failed to parse"]]);
  });
});

exchangeTest("a request that is too large is halved until it is not; one record that is, is refused", async () => {
  await withSink(
    (asked) => idsIn(asked.body).includes("4") || idsIn(asked.body).length > 3 ? { status: 413 } : takeAll(asked),
    async (sink, { asked }) => {
      const { refused } = await sink.write(recordsOf(1, 10), NEVER);
      assertEquals([...refused!], [[3, "it is larger than the server takes"]]);
      const taken = asked.map(({ body }) => idsIn(body)).filter((ids) => ids.length <= 3 && !ids.includes("4")).flat();
      assertEquals(taken, ["1", "2", "3", "5", "6", "7", "8", "9", "10"]);
    },
  );
});

exchangeTest("each answer that may heal is told in words, with the wait that the server asks for", async () => {
  const reason = (type: string, reason: string) => ({ error: { type, reason } });
  const place = "Elasticsearch at URL";
  const cases: readonly (readonly [given: Given, message: string, waitMs?: number])[] = [
    [
      { status: 401, body: reason("security_exception", "missing authentication credentials") },
      `${place} wants a login: TRAPTOR_SINK takes a user and a password in its URL`,
    ],
    [
      { status: 403, body: reason("security_exception", "action [indices:data/write/bulk] is unauthorized") },
      `${place} does not allow this, or not to this user: action [indices:data/write/bulk] is unauthorized`,
    ],
    [
      {
        status: 429,
        body: reason("circuit_breaking_exception", "[parent] Data too large"),
        headers: { "Retry-After": "7" },
      },
      `${place} answers 429: [parent] Data too large`,
      7_000,
    ],
    [{ status: 503, body: reason("cluster_block_exception", "no master") }, `${place} answers 503: no master`],
    [{ status: 502, body: "<html><h1>502 Bad Gateway</h1></html>" }, `${place} answers 502`],
    [{ status: 301, headers: { Location: "http://127.0.0.1:1/" } }, `${place} answers 301`],
    [{ status: 200, body: "<html>Welcome to nginx!</html>" }, "what answers at URL is no Elasticsearch"],
    [{ status: 200, body: { errors: false, items: [TAKEN] } }, "what answers at URL is no Elasticsearch"],
    [
      { status: 404, body: reason("index_not_found_exception", "no such index [tweets]") },
      `${place} answers 404: no such index [tweets]`,
    ],
    [{ status: 400, body: { error: "a\u001b[31mb" } }, `${place} answers 400: a\\u{1b}[31mb`],
  ];
  for (const [given, message, waitMs] of cases) {
    const failure = await failureOf(given);
    assertEquals([failure.message, failure.retryAfterMs], [message, waitMs]);
  }
  const refused = await failureOf({ status: 401 }, { login: LOGIN });
  assertEquals(refused.message, `${place} refuses the login: check the user and the password in TRAPTOR_SINK`);
});

exchangeTest("a redirect is not followed: the login stays here", async () => {
  await using elsewhere = recordedServer(() => ({}));
  await withSink(() => ({ status: 307, headers: { Location: elsewhere.url } }), async (sink) => {
    await assertRejects(() => sink.write(recordsOf(1, 1), NEVER), TransientError, "answers 307");
    assertEquals(elsewhere.asked, []);
  }, { login: LOGIN });
});

exchangeTest("a server that is not there, or breaks off, is told and asked again", async () => {
  const url = `http://127.0.0.1:${freePort()}`;
  const sink = new ElasticsearchSink({ url, index: "tweets", login: LOGIN }, systemClock());
  const failure = await assertRejects(
    () => sink.open(NEVER),
    TransientError,
    `Elasticsearch at ${url} does not answer: `,
  );
  assert(/refused/i.test(failure.message) && !Deno.inspect(failure).includes("hunter2"), failure.message);
  await sink.close();
});

exchangeTest("a certificate of a private CA is taken where that CA is named, and nowhere else", async () => {
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((name) => Deno.readTextFile(new URL(`../data/tls/${name}`, import.meta.url))),
  ) as [string, string, string];
  await using server = recordedServer(takeAll, { cert, key });
  const place = { url: server.url, index: "tweets", login: LOGIN };
  const trusting = new ElasticsearchSink({ ...place, ca }, systemClock());
  assertEquals(await trusting.write(recordsOf(1, 1), NEVER), {});
  await trusting.close();
  const other = new ElasticsearchSink(place, systemClock());
  await assertRejects(() => other.write(recordsOf(1, 1), NEVER), TransientError, "certificate");
  await other.close();
  assertEquals(server.asked.length, 1);
});

exchangeTest("a server that does not answer within a minute is left, and a stop ends waiting at once", async () => {
  await using server = recordedServer(() => undefined);
  const clock = new FakeClock();
  const sink = new ElasticsearchSink({ url: server.url, index: "tweets" }, clock);
  const late = assertRejects(() => sink.write([recordOf(1)], NEVER), TransientError, "no answer for 60 s");
  await waitUntil(() => server.asked.length === 1, { what: "the server is asked" });
  await clock.advance(60_000);
  await late;
  const stop = new AbortController();
  const stopped = sink.write([recordOf(1)], stop.signal).catch((error) => error);
  await waitUntil(() => server.asked.length === 2, { what: "the server is asked again" });
  const reason = new Error("stopped");
  stop.abort(reason);
  assertEquals(await stopped, reason);
  assertEquals(clock.pending, 0);
  await sink.close();
});

exchangeTest("who may not put templates writes to an index that somebody else has made", async () => {
  const answers = (indexStatus: number) => ({ method, path }: Asked): Given => {
    if (method === "HEAD" && path === "/tweets") return { status: indexStatus };
    return { status: 403, body: { error: { type: "security_exception", reason: "no permissions" } } };
  };
  await withSink(answers(200), (sink) => sink.open(NEVER));
  await withSink(answers(404), async (sink) => {
    await assertRejects(() => sink.open(NEVER), TransientError, "or not to this user: no permissions");
  });
});

exchangeTest("a template of ours that is older is put again, with the mapping and this version", async () => {
  const found = {
    index_templates: [{
      name: "traptor-tweets",
      index_template: { version: TEMPLATE_VERSION - 1, _meta: { made_by: "traptor" } },
    }],
  };
  await withSink(
    ({ method }) => ({ body: method === "GET" ? found : { acknowledged: true } }),
    async (sink, { asked }) => {
      await sink.open(NEVER);
      assertEquals(asked.map(({ method, path }) => `${method} ${path}`), [
        "GET /_index_template/traptor-tweets",
        "PUT /_index_template/traptor-tweets",
      ]);
      assertEquals(JSON.parse(asked[1]!.body).version, TEMPLATE_VERSION);
    },
  );
  await withSink(
    ({ method }) => method === "GET" ? { status: 404 } : { status: 400, body: { error: { reason: "same priority" } } },
    async (sink) => {
      await assertRejects(() => sink.open(NEVER), TransientError, "answers 400: same priority");
    },
  );
});

exchangeTest("ids that cannot be looked up are told as such, never as missing", async () => {
  const given: readonly Given[] = [{ status: 503 }, { body: { docs: [] } }, { body: "hello" }, { status: 401 }];
  for (const answer of given) {
    await using server = recordedServer(() => answer);
    const place = { url: server.url, index: "tweets" };
    await assertRejects(
      () => elasticsearchHolds(place, ["1"], systemClock(), NEVER),
      UnavailableError,
      "Cannot look up tweets",
    );
  }
});
