/**
 * X's refusals, body by body. Sources: docs.x.com, Response codes, Handling disconnections; the public threads
 * tweepy#1934 (no rules), twitter-api-typescript-sdk#9, xdevplatform/postman-twitter-api (401, 400).
 */

import { json, type PlainAnswer } from "../http/answer.ts";

export function unauthorized(): PlainAnswer {
  return json(401, { title: "Unauthorized", type: "about:blank", status: 401, detail: "Unauthorized" });
}

/** What is wrong with parameters: for each the values that came, and a message. */
export function invalidRequest(parameters: Readonly<Record<string, unknown>>, message: string): PlainAnswer {
  return invalidRequests([{ parameters, message }]);
}

export function invalidRequests(errors: readonly { parameters?: unknown; message: string }[]): PlainAnswer {
  return json(400, {
    errors,
    title: "Invalid Request",
    detail: "One or more parameters to your request was invalid.",
    type: "https://api.twitter.com/2/problems/invalid-request",
  });
}

export function tooManyConnections(): PlainAnswer {
  return json(429, {
    title: "ConnectionException",
    detail: "This stream is currently at the maximum allowed connection limit.",
    connection_issue: "TooManyConnections",
    type: "https://api.x.com/2/problems/streaming-connection",
  });
}

export function noRules(): PlainAnswer {
  return json(409, {
    title: "ConnectionException",
    detail: "You must define rules using the POST /2/tweets/search/stream/rules endpoint before connecting to " +
      "filtered stream.",
    connection_issue: "RuleConfigurationIssue",
    type: "https://api.twitter.com/2/problems/streaming-connection",
  });
}

/** The shape is v2's; X's documents show only that of v1. */
export function rateLimited(): PlainAnswer {
  return json(429, { title: "Too Many Requests", detail: "Too Many Requests", type: "about:blank", status: 429 });
}

/** X publishes title and type; status and detail are ours. */
export function rulesCapExceeded(cap: number): PlainAnswer {
  return json(422, {
    title: "RulesCapExceeded",
    detail: `Rules cap exceeded: the project may hold ${cap} rules`,
    type: "https://api.twitter.com/2/problems/rule-cap",
  });
}

export function notFound(): PlainAnswer {
  return json(404, { title: "Not Found", type: "about:blank", status: 404, detail: "Not Found" });
}

export function methodNotAllowed(): PlainAnswer {
  return json(405, { title: "Method Not Allowed", type: "about:blank", status: 405, detail: "Method Not Allowed" });
}

/** Something that pays more can do. */
export function notInThisTier(what: string): PlainAnswer {
  return invalidRequest({ [what]: [] }, `The \`${what}\` query parameter is not available in your product`);
}

/** What stands before X when X is away: a page for people. */
export function unavailable(): PlainAnswer {
  return {
    status: 503,
    headers: { "content-type": "text/html; charset=utf-8" },
    body: "<!DOCTYPE html>\n<html><head><title>503</title></head><body><h1>Over capacity</h1>" +
      "<p>Please wait a moment &amp; try again.</p></body></html>\n",
  };
}
