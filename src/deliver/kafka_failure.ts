/** What an error of kafkajs means, in words for people. Told by fields of the error, for its classes are many. */

export interface KafkaFailure {
  /**
   * `refused`: the broker will never take this; `passing`: it may heal by itself; `operator`: somebody has to mend it.
   */
  readonly kind: "refused" | "passing" | "operator";
  readonly words: string;
  /** The name that Kafka's protocol gives to it, when a broker said it. */
  readonly type?: string | undefined;
}

/** What an operator has to mend is not mended in a second, and logins that fail may lock an account. */
export const AFTER_AN_OPERATOR_MS = 10_000;

/** What kafkajs puts into its errors, as far as we read it. */
interface VendorError extends Error {
  readonly type?: string;
  readonly code?: string | number;
  readonly cause?: unknown;
  readonly originalError?: unknown;
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection is refused",
  ECONNRESET: "the connection is broken off",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "no such host",
  ETIMEDOUT: "the connection timed out",
};

/** Errors of the protocol that no retry mends, for they are about the record. */
const REFUSALS: Readonly<Record<string, string>> = {
  MESSAGE_TOO_LARGE: "it is larger than the topic allows",
  RECORD_LIST_TOO_LARGE: "it is larger than the topic allows",
  INVALID_RECORD: "the broker calls it invalid",
};

/** Errors that last until somebody changes a setting, a password or a permission. */
const FOR_AN_OPERATOR = new Set([
  "INVALID_TOPIC_EXCEPTION",
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "ILLEGAL_SASL_STATE",
  "UNSUPPORTED_SASL_MECHANISM",
  "SASL_AUTHENTICATION_FAILED",
  "UNSUPPORTED_COMPRESSION_TYPE",
  "POLICY_VIOLATION",
]);

/** What went wrong; undefined when it is no error of kafkajs. */
export function whyKafkaFailed(error: unknown, hosts: readonly string[], topic: string): KafkaFailure | undefined {
  const chain = causesOf(error);
  if (!chain.some((link) => link.name.startsWith("KafkaJS"))) return undefined;
  const place = hosts.join(",");
  for (const link of chain) {
    const refusal = REFUSALS[link.type ?? ""];
    if (refusal !== undefined) return { kind: "refused", words: refusal, type: link.type };
  }
  const words = chain.map((link) =>
    wordsByType(link.type, `Kafka at ${place}`, topic) ?? wordsByName(link, place, topic)
  );
  return {
    kind: chain.some(isForAnOperator) ? "operator" : "passing",
    words: words.find((text) => text !== undefined) ?? chain.at(-1)!.message,
    type: chain.findLast((link) => link.type !== undefined)?.type,
  };
}

function isForAnOperator({ name, type, message }: VendorError): boolean {
  return name === "KafkaJSSASLAuthenticationError" || FOR_AN_OPERATOR.has(type ?? "") ||
    (name === "KafkaJSConnectionError" && /certificate|before secure TLS/.test(message));
}

/** By the name that Kafka's protocol gives to an error. */
function wordsByType(type: string | undefined, where: string, topic: string): string | undefined {
  switch (type) {
    case "UNKNOWN_TOPIC_OR_PARTITION":
      return `there is no topic ${topic}, and the brokers have not made it by themselves`;
    case "INVALID_TOPIC_EXCEPTION":
      return `Kafka does not allow a topic with the name ${topic}`;
    case "NOT_ENOUGH_REPLICAS":
    case "NOT_ENOUGH_REPLICAS_AFTER_APPEND":
      return `too few replicas of the topic ${topic} are there to take it`;
    case "UNSUPPORTED_COMPRESSION_TYPE":
      return `the topic ${topic} does not take this KAFKA_COMPRESSION`;
    case "TOPIC_AUTHORIZATION_FAILED":
      return `${where} does not let this login use the topic ${topic}`;
    case "ILLEGAL_SASL_STATE":
      return `${where} wants no login: is KAFKA_SASL_MECHANISM meant for another port`;
    case "UNSUPPORTED_SASL_MECHANISM":
      return `${where} knows no login by this KAFKA_SASL_MECHANISM`;
    case "SASL_AUTHENTICATION_FAILED":
      return refusedLogin(where);
    default:
      return undefined;
  }
}

/** By what kafkajs calls an error that did not come from a broker. */
function wordsByName({ name, code, message }: VendorError, place: string, topic: string): string | undefined {
  const where = `Kafka at ${place}`;
  switch (name) {
    case "KafkaJSSASLAuthenticationError":
      return refusedLogin(where);
    case "KafkaJSConnectionClosedError":
      return `${where} closes the connection: check KAFKA_SSL and the KAFKA_SASL settings`;
    case "KafkaJSNotImplemented":
      return `the topic ${topic} holds what cannot be read here: ${message}`;
    case "KafkaJSRequestTimeoutError":
      return `${where} does not answer`;
    case "KafkaJSConnectionError":
      if (/certificate/.test(message)) {
        return `the certificate of ${where} is not trusted: check KAFKA_SSL_CA (${message})`;
      }
      if (/before secure TLS/.test(message)) return `${where} does not speak TLS on this port: check KAFKA_SSL`;
      return `no broker answers at ${place}: ${UNREACHABLE[code ?? ""] ?? message}`;
    default:
      return undefined;
  }
}

function refusedLogin(where: string): string {
  return `${where} refuses the login: check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD`;
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
