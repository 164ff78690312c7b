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
import { slotName } from "../../model/slot.ts";
import { type WantedQueries, wantedQueries } from "../../model/wire_rules.ts";
import { RuleSync } from "../../stream/rule_sync.ts";
import { openTransport } from "../../stream/transport.ts";
import { TwitterRulesApi } from "../../stream/twitter_api.ts";
import { backoffFor, XFailure } from "../../stream/x_failure.ts";
import { writeError } from "../terminal.ts";
import { VERSION } from "../version.ts";
import { loadRules, stoppable, withRedis } from "./shared.ts";

/** How often a request to X that may heal is tried again, other than for its rate limit. */
const MOST_TRIES = 5;

/** What a person is told while X is asked. */
const TOLD_EVENTS: readonly EventName[] = ["rules_uncovered", "stream_backing_off"];

/** What is known before X is changed. */
export interface AtX {
  readonly sync: RuleSync;
  readonly rules: readonly Rule[];
  readonly wanted: WantedQueries;
  /** Absent where rules come from a file. */
  readonly redis: RedisConnection | undefined;
  /** The rules that cannot be used, told already. */
  readonly unusable: number;
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
  const { rules, faults } = await loadRules(loaded, { types: settings.type, ids: settings.id });
  for (const { where, reason } of faults) writeError(`Not used: ${shown(where)}: ${shown(reason)}\n`);
  const unusable = new Map<Rule, string>();
  const wanted = wantedQueries(rules, (rule, fault) => unusable.set(rule, fault.message), translationOf(settings));
  for (const [rule, reason] of unusable) {
    writeError(`Not used: ${slotName(rule.slot)}, "${shown(rule.value, 80)}": ${reason}\n`);
  }
  const parts = { rules, wanted, unusable: unusable.size + faults.length };
  if (settings.rules.kind === "file") {
    return await stoppable(options.cannot, (signal) => connected(loaded, options, parts, undefined, signal, use));
  }
  return await withRedis(
    loaded,
    options.cannot,
    (redis, signal) => connected(loaded, options, parts, redis, signal, use),
  );
}

async function connected<T>(
  loaded: Loaded,
  { cannot, adopts }: AtXOptions,
  parts: Pick<AtX, "rules" | "wanted" | "unusable">,
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
    const api = new TwitterRulesApi(token, { transport, clock });
    const sync = new RuleSync({ api, installation, events, tier: tierOf(settings), adopts, asksFirst: true });
    return await persistently(cannot, () => use({ ...parts, sync, redis, signal }), signal);
  } finally {
    transport.close();
  }
}

/** Tries again what may heal: as long as X asks to wait, else a few times. What was done before is not done again. */
async function persistently<T>(cannot: string, run: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const clock = systemClock();
  let failing: { kind: string; backoff: Backoff } | undefined;
  for (let tries = 1;; tries++) {
    try {
      return await run();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof XFailure)) throw error;
      if (!error.mayHeal) throw endingOf(error);
      if (error.kind !== "rate_limit" && tries >= MOST_TRIES) throw unavailable(cannot, error);
      if (failing?.kind !== error.kind) {
        failing = { kind: error.kind, backoff: new Backoff(backoffFor(error.kind), systemRandom) };
      }
      const waitMs = failing.backoff.next(error.retryAfterMs);
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
