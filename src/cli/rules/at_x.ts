/** What `plan` and `apply` share: X, the installation's name, the rules that a collector with these settings would want. */

import { systemClock } from "../../base/clock.ts";
import { EndingError, SettingsError, UnavailableError } from "../../base/errors.ts";
import { type EventName, Events, lineOf } from "../../base/events.ts";
import { systemRandom } from "../../base/random.ts";
import type { RedisConnection } from "../../base/redis.ts";
import { Backoff } from "../../base/retry.ts";
import { tierOf, translationOf } from "../../collector/assemble.ts";
import { appOf, bearerTokenFor, credentialsIn, stateDirectoryFor } from "../../collector/credentials.ts";
import { endingOf } from "../../collector/x_endings.ts";
import type { Loaded } from "../../config/load.ts";
import { installationName } from "../../fleet/installation.ts";
import { shown } from "../../model/outside_text.ts";
import type { Rule } from "../../model/rule.ts";
import { slotName, type SlotSelection } from "../../model/slot.ts";
import { type WantedQueries, wantedQueries } from "../../model/wire_rules.ts";
import { RuleSync } from "../../stream/rule_sync.ts";
import { openTransport } from "../../stream/transport.ts";
import { Token } from "../../stream/token.ts";
import { TwitterRulesApi } from "../../stream/twitter_api.ts";
import { backoffFor, XFailure } from "../../stream/x_failure.ts";
import { writeError } from "../terminal.ts";
import { VERSION } from "../version.ts";
import { selectionText, tellOtherSlots } from "./selected_slots.ts";
import { loadRules, stoppable, withRedis } from "./shared.ts";

/** How often a request to X that may heal is tried again, other than for its rate limit. */
const MOST_TRIES = 5;

/** The shortest wait where X says when to come again: its clock and ours may differ. */
const LEAST_WAIT_MS = 5_000;

/** How many rules that cannot be used are named. */
const MOST_TOLD = 20;

/** What a person is told while X is asked. */
const TOLD_EVENTS: readonly EventName[] = ["rules_uncovered", "stream_backing_off"];

/** What is known before X is changed. */
export interface AtX {
  readonly sync: RuleSync;
  readonly rules: readonly Rule[];
  readonly wanted: WantedQueries;
  /** Where the rules are, for people: slots, or a file. */
  readonly from: string;
  /** Absent where rules come from a file. */
  readonly redis: RedisConnection | undefined;
  readonly signal: AbortSignal;
}

export interface AtXOptions {
  /** What cannot be done when it ends too early. */
  readonly cannot: string;
  readonly adopts: boolean;
}

/** Does something with X. Throws an EndingError when X, Redis or the settings stand in the way. */
export async function withX<T>(loaded: Loaded, options: AtXOptions, use: (atX: AtX) => Promise<T>): Promise<T> {
  const { settings } = loaded;
  const selection: SlotSelection = { types: settings.type, ids: settings.id };
  const { rules, faults } = await loadRules(loaded, selection);
  const unusable = faults.map(({ where, reason }) => `${shown(where)}: ${shown(reason)}`);
  const wanted = wantedQueries(
    rules,
    (rule, { message }) => unusable.push(`${slotName(rule.slot)}, "${shown(rule.value, 80)}": ${shown(message)}`),
    translationOf(settings),
  );
  for (const text of unusable.slice(0, MOST_TOLD)) writeError(`Not used: ${text}\n`);
  if (unusable.length > MOST_TOLD) {
    writeError(`and ${unusable.length - MOST_TOLD} more: \`traptor rules lint\` names all\n`);
  }
  if (settings.rules.kind === "file") {
    const parts = { rules, wanted, from: settings.rules.path };
    return await stoppable(options.cannot, (signal) => connected(loaded, options, parts, undefined, signal, use));
  }
  return await withRedis(loaded, options.cannot, async (redis, signal) => {
    await tellOtherSlots(redis, selection);
    const parts = { rules, wanted, from: selectionText(selection) };
    return await connected(loaded, options, parts, redis, signal, use);
  });
}

async function connected<T>(
  loaded: Loaded,
  { cannot, adopts }: AtXOptions,
  parts: Pick<AtX, "rules" | "wanted" | "from">,
  redis: RedisConnection | undefined,
  signal: AbortSignal,
  use: (atX: AtX) => Promise<T>,
): Promise<T> {
  const { settings } = loaded;
  const clock = systemClock();
  const events = new Events();
  events.listen((event) => {
    if (TOLD_EVENTS.includes(event.name)) writeError(`${shown(lineOf(event), 2_000)}\n`);
  });
  const transport = openTransport({
    apiUrl: settings.apiUrl,
    userAgent: `traptor/${VERSION}`,
    clock,
    ...(settings.caFile === undefined ? {} : { caCertificates: await Deno.readTextFile(settings.caFile) }),
  });
  try {
    const token = await bearerTokenFor(
      credentialsIn(settings),
      { transport, clock, random: systemRandom, events },
      signal,
    );
    const installation = await installationName({
      ...(redis ? { redis } : {}),
      prefix: "",
      stateDirectory: stateDirectoryFor(await appOf(token), { ...loaded, settings }),
      random: systemRandom,
    });
    const api = new TwitterRulesApi(new Token(token), { transport, clock });
    const sync = new RuleSync({ api, installation, events, tier: tierOf(settings), adopts, asksFirst: true });
    return await persistently(cannot, () => use({ ...parts, sync, redis, signal }), signal);
  } finally {
    transport.close();
  }
}

/**
 * Tries again what may heal: when X's rate limit allows it again, however often, else a few times. What was done before
 * is not done again.
 */
async function persistently<T>(cannot: string, run: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const clock = systemClock();
  let failing: { kind: string; backoff: Backoff } | undefined;
  for (let tries = 1;;) {
    try {
      return await run();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof XFailure)) throw error;
      if (!error.mayHeal) throw endingOf(error);
      if (error.kind !== "rate_limit" && tries >= MOST_TRIES) throw unavailable(cannot, error);
      if (error.kind !== "rate_limit") tries += 1;
      if (failing?.kind !== error.kind) {
        failing = { kind: error.kind, backoff: new Backoff(backoffFor(error.kind), systemRandom) };
      }
      const { retryAfterMs } = error;
      const waitMs = retryAfterMs === undefined ? failing.backoff.next() : Math.max(retryAfterMs, LEAST_WAIT_MS);
      writeError(`Waiting ${Math.ceil(waitMs / 1_000)} s: ${shown(error.message)}\n`);
      await clock.sleep(waitMs, signal);
    }
  }
}

function unavailable(cannot: string, failure: XFailure): EndingError {
  if (failure.kind === "depleted") {
    return new SettingsError(`${cannot}: ${shown(failure.message)}`, {
      hint: "the credits of the project in X's developer portal",
      cause: failure,
    });
  }
  return new UnavailableError(`${cannot}: ${shown(failure.message)}`, {
    hint: "again later; what was done stays, the rest follows",
    cause: failure,
  });
}
