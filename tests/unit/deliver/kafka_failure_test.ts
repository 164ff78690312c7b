/** What an error of kafkajs means to people, and who can mend it. */

import { assertEquals } from "@std/assert";
import errors from "kafkajs/src/errors.js";
import { createErrorFromCode, errorCodes } from "kafkajs/src/protocol/error.js";
import { type KafkaFailure, whyKafkaFailed } from "../../../src/deliver/kafka_failure.ts";

const { KafkaJSConnectionError, KafkaJSNonRetriableError, KafkaJSNumberOfRetriesExceeded } = errors;
const { KafkaJSRequestTimeoutError, KafkaJSSASLAuthenticationError } = errors;

const HOSTS = ["one:9092", "two:9092"];

function why(error: unknown): KafkaFailure | undefined {
  return whyKafkaFailed(error, HOSTS, "tweets");
}

/** An error by the name that the protocol gives to it, as kafkajs hands it out: wrapped by its retries, or not. */
function told(type: string, wrap: (error: Error) => Error = (error) => error): KafkaFailure | undefined {
  const { code } = errorCodes.find((known: { type: string }) => known.type === type)!;
  return why(wrap(createErrorFromCode(code)));
}

const exceeded = (error: Error): Error => new KafkaJSNumberOfRetriesExceeded(error, { retryCount: 2, retryTime: 400 });
const bailed = (error: Error): Error => new KafkaJSNonRetriableError(error, { cause: error });

Deno.test("what no retry mends is refused, however it is wrapped", () => {
  for (const wrap of [undefined, exceeded, bailed]) {
    const words = "it is larger than the topic allows";
    for (const type of ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]) {
      assertEquals(told(type, wrap), { kind: "refused", words, type });
    }
  }
});

Deno.test("what a person has to mend says what, and is told from what passes by itself", () => {
  assertEquals(told("TOPIC_AUTHORIZATION_FAILED", bailed), {
    kind: "operator",
    words: "Kafka at one:9092,two:9092 does not let this login use the topic tweets",
    type: "TOPIC_AUTHORIZATION_FAILED",
  });
  for (const type of ["INVALID_TOPIC_EXCEPTION", "UNSUPPORTED_SASL_MECHANISM", "SASL_AUTHENTICATION_FAILED"]) {
    assertEquals(told(type)?.kind, "operator", type);
  }
  assertEquals(why(new KafkaJSSASLAuthenticationError("SASL PLAIN authentication failed"))?.kind, "operator");
  const certificate = new KafkaJSConnectionError("Connection error: invalid peer certificate: UnknownIssuer", {});
  assertEquals(why(certificate)?.kind, "operator");
});

Deno.test("what passes by itself is passing, with the broker's name for it where there is one", () => {
  for (const type of ["NOT_LEADER_FOR_PARTITION", "LEADER_NOT_AVAILABLE", "REQUEST_TIMED_OUT", "NOT_ENOUGH_REPLICAS"]) {
    const failure = told(type, exceeded);
    assertEquals([failure?.kind, failure?.type], ["passing", type]);
  }
  assertEquals(told("NOT_ENOUGH_REPLICAS")?.words, "too few replicas of the topic tweets are there to take it");
  const timeout = new KafkaJSRequestTimeoutError("Request Produce timed out", {});
  assertEquals(why(timeout), { kind: "passing", words: "Kafka at one:9092,two:9092 does not answer", type: undefined });
  const refused = new KafkaJSConnectionError("Connection error: connect", { code: "ECONNREFUSED" });
  assertEquals(why(refused), {
    kind: "passing",
    words: "no broker answers at one:9092,two:9092: the connection is refused",
    type: undefined,
  });
});

Deno.test("an error that is none of kafkajs is none", () => {
  assertEquals(why(new TypeError("a bug")), undefined);
  assertEquals(why("KafkaJSError"), undefined);
  assertEquals(why(undefined), undefined);
});
