/**
 * `/2/tweets/search/stream/rules`: reading, adding, deleting, trying, counting.
 * Sources: docs.x.com, Filtered stream: Rules; postman-twitter-api (shapes and status codes); osometweet#84,
 * mastashake08/discord-twitter-bot#7, felixdorn/twitter-stream-api#3 (answers as observed). That one invalid rule
 * keeps the others of its call out is PowerTrack's documented behaviour.
 */

import type { Caps } from "../caps.ts";
import type { SimulatorClock } from "../clock.ts";
import { type Answer, json } from "../http/answer.ts";
import type { SimulatorRequest } from "../http/request.ts";
import { checkQuery } from "../query/checks.ts";
import { hashText } from "../random.ts";
import type { HeldRule, RuleBook } from "../rule_book.ts";
import { readList, readNumber } from "./parameters.ts";
import { invalidRequest, rulesCapExceeded } from "./problems.ts";

export interface RulesOptions {
  readonly clock: SimulatorClock;
  readonly rules: RuleBook;
  readonly caps: Caps;
}

const MOST_RULES_PER_PAGE = 1_000;

/** `GET /2/tweets/search/stream/rules` */
export function readRules({ clock, rules }: RulesOptions, { query }: SimulatorRequest): Answer {
  const size = readNumber(query, "max_results", { least: 1, most: MOST_RULES_PER_PAGE, fallback: MOST_RULES_PER_PAGE });
  if (size.refusal) return size.refusal;
  const ids = readList(query, "ids");
  const wanted = rules.all.filter(({ id }) => ids.length === 0 || ids.includes(id));
  const token = query.get("pagination_token");
  const start = token === null ? 0 : wanted.findIndex((rule) => pageToken(rule) === token);
  if (start < 0) return invalidRequest({ pagination_token: [token] }, "The `pagination_token` is not valid");
  const page = wanted.slice(start, start + size.value);
  const next = wanted[start + size.value];
  return json(200, {
    ...(page.length > 0 ? { data: page.map(shown) } : {}),
    meta: { sent: sentAt(clock), result_count: page.length, ...(next ? { next_token: pageToken(next) } : {}) },
  });
}

/** `GET /2/tweets/search/stream/rules/counts`: numbers are strings there. */
export function countRules({ clock, rules, caps }: RulesOptions): Answer {
  const cap = String(caps.rulesPerProject);
  return json(200, {
    data: {
      client_app_rules_count: [{ client_app_id: "1", rule_count: String(rules.size) }],
      project_rules_count: String(rules.size),
      cap_per_client_app: cap,
      cap_per_project: cap,
      all_project_client_apps: ["1"],
    },
    meta: { sent: sentAt(clock) },
  });
}

/** `POST /2/tweets/search/stream/rules` */
export function changeRules(options: RulesOptions, { query, body }: SimulatorRequest): Answer {
  const dryRun = query.get("dry_run") === "true";
  if (query.get("delete_all") === "true") return remove(options, options.rules.all, 0, dryRun);
  const change = readJson(body);
  if (change === undefined || "add" in change === "delete" in change) {
    return invalidRequest({ add: [], delete: [] }, "exactly one of `add` and `delete` is required");
  }
  return "add" in change ? add(options, change["add"], dryRun) : pickAndRemove(options, change["delete"], dryRun);
}

function add(options: RulesOptions, given: unknown, dryRun: boolean): Answer {
  const { clock, rules, caps } = options;
  const wanted = readAdded(given);
  if (wanted === undefined) return invalidRequest({ "add.value": [] }, "field is required");
  const checked = wanted.map((rule) => ({ ...rule, ...checkQuery(rule.value, { longest: caps.ruleLength }) }));
  const invalid = checked.filter(({ node }) => node === undefined);
  if (invalid.length > 0) {
    return json(200, {
      meta: {
        sent: sentAt(clock),
        summary: {
          created: 0,
          not_created: wanted.length,
          valid: wanted.length - invalid.length,
          invalid: invalid.length,
        },
      },
      errors: invalid.map(({ value, details }) => ({
        value,
        details,
        title: "UnprocessableEntity",
        type: "https://api.twitter.com/2/problems/invalid-rules",
      })),
    });
  }
  const created = new Map<string, HeldRule>();
  const duplicates: { value: string; id: string }[] = [];
  for (const { value, tag, node } of checked) {
    const held = rules.withValue(value) ?? created.get(value);
    if (held) duplicates.push({ value, id: held.id });
    else created.set(value, rules.draft(value, tag, node!));
  }
  if (rules.size + created.size > caps.rulesPerProject) return rulesCapExceeded(caps.rulesPerProject);
  if (!dryRun) rules.add([...created.values()]);
  return json(201, {
    ...(created.size > 0 ? { data: [...created.values()].map(shown) } : {}),
    meta: {
      sent: sentAt(clock),
      summary: {
        created: created.size,
        not_created: duplicates.length,
        valid: created.size,
        invalid: duplicates.length,
      },
    },
    ...(duplicates.length > 0
      ? {
        errors: duplicates.map(({ value, id }) => ({
          value,
          id,
          title: "DuplicateRule",
          type: "https://api.twitter.com/2/problems/duplicate-rules",
        })),
      }
      : {}),
  });
}

function readAdded(given: unknown): { value: string; tag: string | undefined }[] | undefined {
  if (!Array.isArray(given) || given.length === 0) return undefined;
  const isRule = (rule: unknown): rule is { value: string; tag?: string } =>
    typeof rule === "object" && rule !== null && "value" in rule && typeof rule.value === "string" &&
    (!("tag" in rule) || typeof rule.tag === "string");
  return given.every(isRule) ? given.map(({ value, tag }) => ({ value, tag })) : undefined;
}

function pickAndRemove(options: RulesOptions, given: unknown, dryRun: boolean): Answer {
  const { rules } = options;
  const ids = stringsOf(given, "ids");
  const values = stringsOf(given, "values");
  if ((ids === undefined) === (values === undefined)) {
    return invalidRequest({ delete: [] }, "JSON doesn't match expected schema");
  }
  const asked = ids ?? values ?? [];
  const found = asked.map((key) => ids ? rules.withId(key) : rules.withValue(key));
  const present = [...new Set(found.filter((rule) => rule !== undefined))];
  const missing = asked.filter((_key, index) => found[index] === undefined);
  return remove(options, present, asked.length - present.length, dryRun, missing);
}

function remove(
  { clock, rules }: RulesOptions,
  present: readonly HeldRule[],
  notDeleted: number,
  dryRun: boolean,
  missing: readonly string[] = [],
): Answer {
  if (!dryRun) rules.delete(present);
  return json(200, {
    meta: { sent: sentAt(clock), summary: { deleted: present.length, not_deleted: notDeleted } },
    ...(missing.length > 0
      ? {
        errors: missing.map((key) => ({
          errors: [{ message: "Rule does not exist", parameters: {} }],
          title: "Invalid Request",
          detail: "One or more parameters to your request was invalid.",
          value: key,
          type: "https://api.twitter.com/2/problems/invalid-request",
        })),
      }
      : {}),
  });
}

function stringsOf(given: unknown, name: string): string[] | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const list = (given as Record<string, unknown>)[name];
  return Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === "string") ? list : undefined;
}

function readJson(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // answered with 400, as any other body that says nothing
  }
}

function shown({ id, value, tag }: HeldRule): Record<string, string> {
  return { id, value, ...(tag === undefined ? {} : { tag }) };
}

/** Sixteen characters, as X's are. */
function pageToken({ id }: HeldRule): string {
  return (hashText(id).toString(16).padStart(8, "0") + hashText(`${id}-`).toString(16).padStart(8, "0")).toUpperCase();
}

function sentAt(clock: SimulatorClock): string {
  return new Date(clock.now()).toISOString();
}
