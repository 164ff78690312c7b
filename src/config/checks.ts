/** What must hold between settings, and for the files that they name. */

import { TIERS } from "../model/tier.ts";
import { isLoopback } from "./loopback.ts";
import { OPTION_KEYS, type OptionKey, optionOf, type Settings } from "./options.ts";

export { isLoopback };

export interface Given {
  /** The values that could be parsed. */
  readonly values: Partial<Settings>;
  /** Whether somebody set a setting, well or not. */
  isSet(key: OptionKey): boolean;
}

export interface Checked {
  readonly faults: string[];
  /** What a person should know though nothing is wrong. */
  readonly notes: string[];
}

/** Checks settings against each other. What a parser refused counts as set, so that nobody is told of it twice. */
export async function checkTogether(given: Given): Promise<Checked> {
  return {
    faults: [
      ...credentialFaults(given),
      ...addressFaults(given),
      ...stallFaults(given),
      ...leaseFaults(given),
      ...connectionFaults(given),
      ...await certificateFaults(given),
    ],
    notes: overruledNotes(given),
  };
}

const KAFKA_LOGIN: readonly OptionKey[] = ["kafkaSaslMechanism", "kafkaSaslUsername", "kafkaSaslPassword"];
const REDIS_PARTS: readonly OptionKey[] = ["redisHost", "redisPort", "redisDb", "redisPassword"];

function credentialFaults({ isSet }: Given): string[] {
  const faults: string[] = [];
  if (isSet("consumerKey") !== isSet("consumerSecret")) {
    faults.push("CONSUMER_KEY and CONSUMER_SECRET: one is of no use without the other");
  }
  const missing = KAFKA_LOGIN.filter((key) => !isSet(key));
  if (missing.length > 0 && missing.length < KAFKA_LOGIN.length) {
    faults.push(`${namesOf(missing)}: missing, and a login to Kafka needs all of ${namesOf(KAFKA_LOGIN)}`);
  }
  return faults;
}

function addressFaults({ values: { apiUrl } }: Given): string[] {
  if (apiUrl === undefined || new URL(apiUrl).protocol !== "http:" || isLoopback(new URL(apiUrl).hostname)) return [];
  return ["TWITTER_API_URL: the token would travel unencrypted: http is for this machine alone, use https"];
}

/** X's keep-alives are 20 s apart (docs.x.com, Consuming streaming data): a merely quiet stream must not look dead. */
const KEEP_ALIVE_MS = 20_000;

/** A renewal that fails must leave time for another one; and an answer of Redis may take a while. */
const LEASE_PARTS = 3;
const SHORTEST_LEASE_MS = 1_000;

function leaseFaults({ values: { leaseRenew, leaseTtl } }: Given): string[] {
  if (leaseTtl === undefined || leaseRenew === undefined) return [];
  if (leaseTtl < SHORTEST_LEASE_MS) return ["LEASE_TTL: a moment of silence would cost the connection: 10s is usual"];
  if (leaseRenew * LEASE_PARTS <= leaseTtl) return [];
  return ["LEASE_RENEW: more than a third of LEASE_TTL: one renewal that is late would cost the connection"];
}

function connectionFaults({ values: { connections, tier } }: Given): string[] {
  if (connections === undefined || tier === undefined || connections <= TIERS[tier].connections) return [];
  return [`X_CONNECTIONS: ${connections} is more than X allows an app of the tier ${tier}: ${TIERS[tier].connections}`];
}

function stallFaults({ values: { streamStall } }: Given): string[] {
  if (streamStall === undefined || streamStall > KEEP_ALIVE_MS) return [];
  return ["STREAM_STALL: X's keep-alives are 20 s apart, so each of them would come too late: 45s is two of them"];
}

async function certificateFaults({ values }: Given): Promise<string[]> {
  const faults: string[] = [];
  const files = [
    ["X_CA_FILE", values.caFile],
    ["KAFKA_SSL_CA", values.kafkaSslCa],
    ["ELASTICSEARCH_CA_FILE", values.elasticsearchCaFile],
  ] as const;
  for (const [name, path] of files) {
    const fault = path === undefined ? undefined : await certificateFault(path);
    if (fault !== undefined) faults.push(`${name}: ${path} ${fault}`);
  }
  return faults;
}

async function certificateFault(path: string): Promise<string | undefined> {
  try {
    const text = await Deno.readTextFile(path);
    return text.includes("-----BEGIN CERTIFICATE-----") ? undefined : "holds no certificate in PEM";
  } catch (error) {
    return `cannot be read (${(error as Error).name})`;
  }
}

/** Settings that another one overrules, which may not be what somebody meant. */
function overruledNotes({ isSet }: Given): string[] {
  const notes: string[] = [];
  const redis = REDIS_PARTS.filter(isSet);
  if (isSet("redisUrl") && redis.length > 0) notes.push(`REDIS_URL is set: not used: ${namesOf(redis)}`);
  if (isSet("bearerToken") && isSet("consumerKey")) {
    notes.push("BEARER_TOKEN is set: not used: CONSUMER_KEY, CONSUMER_SECRET");
  }
  return notes;
}

/** The names in the order of the table. */
function namesOf(keys: readonly OptionKey[]): string {
  return OPTION_KEYS.filter((key) => keys.includes(key)).map((key) => optionOf(key).name).join(", ");
}
