/** What must hold between settings, and the notes about those that another one overrules. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { isLoopback } from "../../../src/config/checks.ts";
import { faultsOf, load, Place } from "./place.ts";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

Deno.test("a token goes to http only on this machine", async () => {
  for (
    const url of ["http://api.x.com", "http://10.0.0.1:80", "http://localhost.example.com", "http://127.0.0.1.nip.io"]
  ) {
    const [fault] = await faultsOf({ environment: { TWITTER_API_URL: url, BEARER_TOKEN: "a" } });
    assertStringIncludes(fault!, "TWITTER_API_URL: the token would travel unencrypted");
  }
  for (const url of ["http://127.0.0.1:80", "http://localhost:1", "http://[::1]:1", "https://api.x.com"]) {
    assertEquals((await load({ flags: { "api-url": url } })).settings.apiUrl, url);
  }
});

Deno.test("only this machine's own names and addresses are loopback", () => {
  for (const host of ["localhost", "127.0.0.1", "127.255.0.3", "[::1]"]) assert(isLoopback(host), host);
  for (const host of ["", "localhost.", "128.0.0.1", "127.0.0.1.example.com", "0.0.0.0", "[::]", "example.com"]) {
    assert(!isLoopback(host), host);
  }
});

Deno.test("half a key pair, and a part of a login to Kafka, are faults", async () => {
  for (const environment of [{ CONSUMER_KEY: "a" }, { CONSUMER_SECRET: "a" }]) {
    assertEquals(await faultsOf({ environment }), [
      "CONSUMER_KEY and CONSUMER_SECRET: one is of no use without the other",
    ]);
  }
  const login = { KAFKA_SASL_MECHANISM: "plain", KAFKA_SASL_USERNAME: "a", KAFKA_SASL_PASSWORD: "b c" };
  const { settings } = await load({ environment: login });
  assertEquals([settings.kafkaSaslMechanism, settings.kafkaSaslPassword], ["plain", "b c"]);
  const { KAFKA_SASL_PASSWORD: _, ...withoutPassword } = login;
  const [fault] = await faultsOf({ environment: withoutPassword });
  assertStringIncludes(fault!, "KAFKA_SASL_PASSWORD: missing");
});

Deno.test("a stream that is merely quiet must not look dead", async () => {
  const [fault] = await faultsOf({ environment: { STREAM_STALL: "20s" } });
  assertStringIncludes(fault!, "STREAM_STALL: X's keep-alives are 20 s apart");
  assertEquals((await load({ environment: { STREAM_STALL: "21s" } })).settings.streamStall, 21_000);
});

Deno.test("files of certificates must be there, and hold some", async () => {
  await using place = await Place.make({ "ca.pem": CERTIFICATE, "key.pem": "-----BEGIN PRIVATE KEY-----\n" });
  const { settings } = await place.load({ environment: { X_CA_FILE: place.at("ca.pem") } });
  assertEquals(settings.caFile, place.at("ca.pem"));
  const faults = await faultsOf({
    environment: { X_CA_FILE: place.at("nothing.pem"), KAFKA_SSL_CA: place.at("key.pem") },
  });
  assertEquals(faults, [
    `X_CA_FILE: ${place.at("nothing.pem")} cannot be read (NotFound)`,
    `KAFKA_SSL_CA: ${place.at("key.pem")} holds no certificate in PEM`,
  ]);
  const [fault] = await faultsOf({ environment: { KAFKA_SSL_CA: place.path } });
  assertStringIncludes(fault!, `KAFKA_SSL_CA: ${place.path} cannot be read`);
});

Deno.test("settings that another one overrules are told", async () => {
  const { notes } = await load({
    environment: {
      REDIS_URL: "redis://a",
      REDIS_DB: "3",
      REDIS_HOST: "b",
      BEARER_TOKEN: "a",
      CONSUMER_KEY: "b",
      CONSUMER_SECRET: "c",
    },
  });
  assertEquals(notes, [
    "REDIS_URL is set: not used: REDIS_HOST, REDIS_DB",
    "BEARER_TOKEN is set: not used: CONSUMER_KEY, CONSUMER_SECRET",
  ]);
  assertEquals((await load({ environment: { REDIS_URL: "redis://a" } })).notes, []);
});
