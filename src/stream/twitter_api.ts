/** The rules at X, over npm:twitter-api-v2. */

import { isObject, type JsonObject, type JsonValue } from "../model/json.ts";
import type { Token } from "./token.ts";
import { asObject, senseless, type TwitterApiOptions, twitterClient } from "./twitter_client.ts";
import type { AddedRules, RuleCounts, XApi, XRule } from "./x_api.ts";
import { XFailure } from "./x_failure.ts";

/** Our rules fit into one page for most; X's default page is 1,000. */
const RULES_PER_PAGE = 1_000;

const RULES_PATH = "tweets/search/stream/rules";

export class TwitterRulesApi implements XApi {
  readonly #token: Token;
  readonly #options: TwitterApiOptions;

  constructor(token: Token, options: TwitterApiOptions) {
    this.#token = token;
    this.#options = options;
  }

  #client(signal: AbortSignal) {
    return twitterClient(this.#token, this.#options, signal);
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
