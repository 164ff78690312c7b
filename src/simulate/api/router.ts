/** Which endpoint answers, after the token and the limits have been looked at; and a record of every request. */

import type { Caps } from "../caps.ts";
import type { Context } from "../context.ts";
import { control } from "../control.ts";
import type { Answer } from "../http/answer.ts";
import type { SimulatorRequest } from "../http/request.ts";
import { closeConnections, closeConnectionsById, readConnections } from "./connections.ts";
import { methodNotAllowed, notFound, rateLimited, unauthorized } from "./problems.ts";
import { changeRules, countRules, readRules } from "./rules.ts";
import { searchRecent } from "./search.ts";
import { openStream } from "./stream.ts";
import { giveToken } from "./token.ts";
import { readUsage } from "./usage.ts";
import { findUsers } from "./users.ts";

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly limit: keyof Caps;
  answer(context: Context, request: SimulatorRequest, part: string): Answer | Promise<Answer>;
}

const RULES = /^\/2\/tweets\/search\/stream\/rules$/;

const TOKEN = "/oauth2/token";

const ROUTES: readonly Route[] = [
  {
    method: "POST",
    path: /^\/oauth2\/token$/,
    limit: "otherCalls",
    answer: ({ token }, request) => giveToken(token, request),
  },
  { method: "GET", path: /^\/2\/tweets\/search\/stream$/, limit: "connects", answer: openStream },
  { method: "GET", path: RULES, limit: "ruleReads", answer: readRules },
  { method: "POST", path: RULES, limit: "ruleChanges", answer: changeRules },
  { method: "GET", path: /^\/2\/tweets\/search\/stream\/rules\/counts$/, limit: "otherCalls", answer: countRules },
  { method: "GET", path: /^\/2\/tweets\/search\/recent$/, limit: "searches", answer: searchRecent },
  {
    method: "GET",
    path: /^\/2\/users\/by$/,
    limit: "otherCalls",
    answer: (context, request) => findUsers(context, request, "usernames"),
  },
  {
    method: "GET",
    path: /^\/2\/users$/,
    limit: "otherCalls",
    answer: (context, request) => findUsers(context, request, "ids"),
  },
  { method: "GET", path: /^\/2\/connections$/, limit: "otherCalls", answer: readConnections },
  { method: "DELETE", path: /^\/2\/connections$/, limit: "otherCalls", answer: closeConnectionsById },
  {
    method: "DELETE",
    path: /^\/2\/connections\/all$/,
    limit: "closesOfAll",
    answer: (context) => closeConnections(context, "all"),
  },
  {
    method: "DELETE",
    path: /^\/2\/connections\/(?!all$)(\w+)$/,
    limit: "otherCalls",
    answer: (context, _request, endpoint) => closeConnections(context, endpoint),
  },
  { method: "GET", path: /^\/2\/usage\/tweets$/, limit: "usageReads", answer: readUsage },
];

/** Answers a request, and notes that it came. */
export async function answer(context: Context, request: SimulatorRequest): Promise<Answer> {
  if (request.path.startsWith("/sim/")) return control(context, request);
  const given = await answerAsX(context, request);
  const { method, path } = request;
  context.ledger.noteRequest({ method, path, status: given.status });
  return { ...given, headers: { date: new Date(context.clock.now()).toUTCString(), ...given.headers } };
}

async function answerAsX(context: Context, request: SimulatorRequest): Promise<Answer> {
  const { method, path, headers } = request;
  const isForToken = path === TOKEN;
  if (!path.startsWith("/2/") && !isForToken) return notFound();
  if (!isForToken && headers.get("authorization") !== `Bearer ${context.token}`) return unauthorized();
  const here = ROUTES.filter((route) => route.path.test(path));
  const route = here.find((route) => route.method === method);
  if (!route) return here.length > 0 ? methodNotAllowed() : notFound();
  const limit = context.limits.spend(`${method} ${route.path.source}`, context.caps[route.limit]);
  if (limit.isOver && route.limit === "connects") context.connections.noteRefused(429, "rate limit");
  const given = limit.isOver ? rateLimited() : await route.answer(context, request, route.path.exec(path)?.[1] ?? "");
  return { ...given, headers: { ...given.headers, ...limit.headers } };
}
