/** What an error of kafkajs means, in words for people. Told by fields of the error, for its classes are many. */

export interface KafkaFailure {
  /** `refused`: the broker will never take this; `passing`: it may heal, by itself or by an operator. */
  readonly kind: "refused" | "passing";
  readonly words: string;
}

/** What kafkajs puts into its errors, as far as we read it. */
interface VendorError extends Error {
  readonly type?: string;
  readonly code?: string | number;
  readonly cause?: unknown;
  readonly originalError?: unknown;
}

/** What went wrong; undefined when it is no error of kafkajs. */
export function whyKafkaFailed(error: unknown, hosts: readonly string[], topic: string): KafkaFailure | undefined {
  const chain = causesOf(error);
  if (!chain.some((link) => link.name.startsWith("KafkaJS"))) return undefined;
  const where = hosts.join(",");
  const types = chain.map((link) => link.type);
  if (types.includes("MESSAGE_TOO_LARGE") || types.includes("RECORD_LIST_TOO_LARGE")) {
    return { kind: "refused", words: "it is larger than the topic allows" };
  }
  if (types.includes("INVALID_RECORD")) return { kind: "refused", words: "the broker calls it invalid" };
  return { kind: "passing", words: wordsFor(chain, types, where, topic) };
}

function wordsFor(chain: readonly VendorError[], types: readonly (string | undefined)[], where: string, topic: string) {
  const innermost = chain.at(-1)!;
  const names = chain.map((link) => link.name);
  if (names.includes("KafkaJSSASLAuthenticationError") || types.includes("SASL_AUTHENTICATION_FAILED")) {
    return `Kafka at ${where} refuses the login: check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD`;
  }
  if (types.includes("UNKNOWN_TOPIC_OR_PARTITION")) return `the topic ${topic} is not there yet`;
  if (types.includes("TOPIC_AUTHORIZATION_FAILED")) return `Kafka does not let us write to the topic ${topic}`;
  if (types.includes("INVALID_TOPIC_EXCEPTION")) return `Kafka does not allow a topic with the name ${topic}`;
  if (names.includes("KafkaJSConnectionError") || names.includes("KafkaJSBrokerNotFound")) {
    return `no broker answers at ${where} (${innermost.code ?? innermost.message})`;
  }
  return innermost.message;
}

/** The error and what led to it, the innermost last. */
function causesOf(error: unknown): VendorError[] {
  const chain: VendorError[] = [];
  for (let link = error as VendorError | undefined; link instanceof Error && !chain.includes(link);) {
    chain.push(link);
    link = (link.cause ?? link.originalError) as VendorError | undefined;
  }
  return chain;
}
