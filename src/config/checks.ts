/** What must hold between settings, and for the files that they name. */

import type { OptionKey, Settings } from "./options.ts";

/** The faults of settings that are each well-formed; adds to the notes what a person should know. */
export async function checkTogether(
  settings: Settings,
  sources: Partial<Record<OptionKey, string>>,
  notes: string[],
): Promise<string[]> {
  const faults: string[] = [];
  const { apiUrl, consumerKey, consumerSecret, kafkaSaslMechanism, kafkaSaslPassword, kafkaSaslUsername } = settings;
  if (apiUrl.startsWith("http:") && !isLoopback(new URL(apiUrl).hostname)) {
    faults.push("TWITTER_API_URL: a token would travel unencrypted; http is for this machine alone, use https");
  }
  if (/\/1\.1$/.test(apiUrl)) faults.push("TWITTER_API_URL: it names v1.1, which X has switched off; leave it unset");
  if ((consumerKey === undefined) !== (consumerSecret === undefined)) {
    faults.push("CONSUMER_KEY and CONSUMER_SECRET: one is of no use without the other");
  }
  const sasl = [kafkaSaslMechanism, kafkaSaslUsername, kafkaSaslPassword].filter((value) => value !== undefined);
  if (sasl.length > 0 && sasl.length < 3) {
    faults.push("KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: a login needs all three");
  }
  if (settings.redisUrl !== undefined && sources.redisHost !== "default") {
    notes.push("REDIS_URL is set, so REDIS_HOST is not used");
  }
  for (const [name, path] of [["X_CA_FILE", settings.caFile], ["KAFKA_SSL_CA", settings.kafkaSslCa]] as const) {
    const fault = path === undefined ? undefined : await certificateFault(path);
    if (fault !== undefined) faults.push(`${name}: ${path} ${fault}`);
  }
  return faults;
}

/** Whether a host is this machine by its name or address alone. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

async function certificateFault(path: string): Promise<string | undefined> {
  try {
    const text = await Deno.readTextFile(path);
    return text.includes("-----BEGIN CERTIFICATE-----") ? undefined : "holds no certificate in PEM";
  } catch (error) {
    return `cannot be read (${(error as Error).name})`;
  }
}
