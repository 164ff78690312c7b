/**
 * X's API over npm:twitter-api-v2, whose only importer this is. The library builds and signs the requests and types
 * the answers; they travel through our own `Transport` (by its request hook), so that proxies, private CAs and other
 * addresses hold here as they do for the stream, and failures are told apart in one place.
 * Its stream reader is not used: it tears characters and cannot be trusted to reconnect (see this room's README).
 */

import { type ITwitterApiBeforeRequestConfigHookArgs, type ITwitterApiClientPlugin, TwitterApi } from "twitter-api-v2";
import type { Clock } from "../base/clock.ts";
import { isObject, type JsonObject, type JsonValue } from "../model/json.ts";
import type { Token } from "./token.ts";
import type { Transport } from "./transport.ts";
import type { AddedRules, RuleCounts, XApi, XRule } from "./x_api.ts";
import { failureOf, networkFailure, XFailure } from "./x_failure.ts";

/** How long one request may take, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Our rules fit into one page for most; X's default page is 1,000. */
const RULES_PER_PAGE = 1_000;

const RULES_PATH = "tweets/search/stream/rules";

/** Credentials of an app: its bearer token, or the key pair from which one is fetched. */
export type Credentials =
  | { readonly bearerToken: string }
  | { readonly consumerKey: string; readonly consumerSecret: string };

export interface TwitterApiOptions {
  transport: Transport;
  clock: Clock;
}

/** The app-only bearer token for credentials; asks X only for a key pair. Throws XFailure. */
export async function fetchBearerToken(
  credentials: Credentials,
  options: TwitterApiOptions,
  signal: AbortSignal,
): Promise<string> {
  if ("bearerToken" in credentials) return credentials.bearerToken;
  const { consumerKey: appKey, consumerSecret: appSecret } = credentials;
  const app = await new TwitterApi({ appKey, appSecret }, { plugins: [throughTransport(options, signal)] }).appLogin();
  const token = app.getActiveTokens();
  if (token.type !== "oauth2" || typeof token.bearerToken !== "string") {
    throw new XFailure("http", "X answered the request for a token without one");
  }
  return token.bearerToken;
}

export class TwitterRulesApi implements XApi {
  readonly #token: Token;
  readonly #options: TwitterApiOptions;

  constructor(token: Token, options: TwitterApiOptions) {
    this.#token = token;
    this.#options = options;
  }

  /** A client whose requests end with the signal; making one costs nothing. */
  #client(signal: AbortSignal) {
    return new TwitterApi(this.#token.value, { plugins: [throughTransport(this.#options, signal)] }).v2;
  }

  async rules(signal: AbortSignal): Promise<XRule[]> {
    const rules: XRule[] = [];
    let page: string | undefined;
    do {
      const query = { max_results: RULES_PER_PAGE, ...(page === undefined ? {} : { pagination_token: page }) };
      const answer: unknown = await this.#client(signal).get(RULES_PATH, query);
      const { data, meta } = asObject(answer);
      if (data !== undefined && !Array.isArray(data)) throw senseless("the list of rules");
      rules.push(...rulesIn(data));
      page = isObject(meta) && typeof meta["next_token"] === "string" ? meta["next_token"] : undefined;
    } while (page !== undefined);
    return rules;
  }

  async addRules(
    add: readonly { value: string; tag: string }[],
    signal: AbortSignal,
    { isTrial = false }: { isTrial?: boolean } = {},
  ): Promise<AddedRules> {
    try {
      const query = isTrial ? { query: { dry_run: true } } : {};
      const answer: unknown = await this.#client(signal).post(RULES_PATH, { add: [...add] }, query);
      const outcome = readAdded(add, asObject(answer));
      if (outcome.untried.length < add.length) return outcome;
    } catch (error) {
      if (error instanceof XFailure && isCapReached(error)) {
        return { added: [], existing: [], refused: [], untried: [...add], capReached: true };
      }
      throw error;
    }
    if (add.length === 1) throw senseless("the added rule");
    return await this.#addOneByOne(add, signal, { isTrial });
  }

  /** X spoke of rules in other words than ours: of one that is alone, whatever it says is about that one. */
  async #addOneByOne(
    add: readonly { value: string; tag: string }[],
    signal: AbortSignal,
    options: { isTrial: boolean },
  ): Promise<AddedRules> {
    const outcomes: AddedRules[] = [];
    for (const rule of add) outcomes.push(await this.addRules([rule], signal, options));
    return {
      added: outcomes.flatMap(({ added }) => added),
      existing: outcomes.flatMap(({ existing }) => existing),
      refused: outcomes.flatMap(({ refused }) => refused),
      untried: outcomes.flatMap(({ untried }) => untried),
      capReached: outcomes.some(({ capReached }) => capReached),
    };
  }

  async deleteRules(ids: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#client(signal).post(RULES_PATH, { delete: { ids: [...ids] } });
  }

  async ruleCounts(signal: AbortSignal): Promise<RuleCounts> {
    const answer: unknown = await this.#client(signal).get(`${RULES_PATH}/counts`, {
      "rules_count.fields": "cap_per_project,project_rules_count",
    });
    const counts = asObject(answer)["data"];
    const numberOf = (name: string) => isObject(counts) && counts[name] != null ? Number(counts[name]) : undefined;
    return { capPerProject: numberOf("cap_per_project"), heldByProject: numberOf("project_rules_count") };
  }
}

/** A plugin that sends the library's requests through our transport: what it answers is taken for X's answer. */
function throughTransport({ transport, clock }: TwitterApiOptions, signal: AbortSignal): ITwitterApiClientPlugin {
  return {
    async onBeforeRequestConfig(request: ITwitterApiBeforeRequestConfigHookArgs) {
      const maker = request.client as unknown as RequestMaker;
      const { url, method, headers, body } = maker.getHttpRequestArgs(request.params);
      const timeout = new AbortController();
      const cancel = clock.after(REQUEST_TIMEOUT_MS, () => timeout.abort(new Error("no answer within 30 s")));
      try {
        const response = await transport.fetch(url.pathname + url.search, {
          method,
          headers: headersOf(headers),
          signal: AbortSignal.any([signal, timeout.signal]),
          ...(body === undefined ? {} : { body: body as BodyInit }),
        });
        if (!response.ok) throw await failureOf(response, clock.now());
        return { headers: Object.fromEntries(response.headers), data: await bodyOf(response) };
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof XFailure ? error : networkFailure(error);
      } finally {
        cancel();
      }
    },
  };
}

/** The library's maker of requests, as far as we use it; its types hide the method from plugins. */
interface RequestMaker {
  getHttpRequestArgs(params: unknown): {
    url: URL;
    method: string;
    headers: Record<string, unknown>;
    body: string | Uint8Array | undefined;
  };
}

function headersOf(headers: Record<string, unknown>): Headers {
  const kept = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    // The library names itself in a header of its own; X hears our name instead.
    if (typeof value === "string" && name !== "x-user-agent") kept.set(name, value);
  }
  return kept;
}

async function bodyOf(response: Response): Promise<JsonValue> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new XFailure("http", `X answered ${response.status} with something that is no JSON`, { cause: error });
  }
}

function readAdded(sent: readonly { value: string; tag: string }[], answer: JsonObject): AddedRules {
  const added = rulesIn(answer["data"]);
  const existing: { id: string; value: string }[] = [];
  const refused: { value: string; reason: string }[] = [];
  const [only] = sent.length === 1 ? sent : [];
  for (const error of Array.isArray(answer["errors"]) ? answer["errors"] : []) {
    const value = only?.value ?? (isObject(error) ? error["value"] : undefined);
    if (!isObject(error) || typeof value !== "string") continue;
    if (error["title"] === "DuplicateRule" && typeof error["id"] === "string") {
      existing.push({ id: error["id"], value });
    } else refused.push({ value, reason: reasonOf(error) });
  }
  const answered = new Set([...added, ...existing, ...refused].map((rule) => rule.value));
  const answeredTags = new Set(added.map((rule) => rule.tag));
  const untried = sent.filter((rule) => !answered.has(rule.value) && !answeredTags.has(rule.tag));
  return { added, existing, refused, untried, capReached: false };
}

/** X's words: `details` is a list of sentences where there are any. */
function reasonOf(error: JsonObject): string {
  const details = Array.isArray(error["details"]) ? error["details"].map(String).join("; ") : "";
  return details || [error["title"], error["detail"]].filter((part) => typeof part === "string").join(": ") ||
    "no reason given";
}

function isCapReached(failure: XFailure): boolean {
  return failure.problem?.title === "RulesCapExceeded" || failure.problem?.problem === "rule-cap";
}

function rulesIn(data: JsonValue | undefined): XRule[] {
  if (!Array.isArray(data)) return [];
  return data.map((rule) => {
    if (!isObject(rule) || typeof rule["value"] !== "string") throw senseless("a rule");
    return { id: String(rule["id"]), value: rule["value"], tag: typeof rule["tag"] === "string" ? rule["tag"] : "" };
  });
}

function asObject(answer: unknown): JsonObject {
  if (!isObject(answer)) throw senseless("the answer");
  return answer;
}

function senseless(what: string): XFailure {
  return new XFailure("http", `X answered in a form that makes no sense for ${what}`);
}
