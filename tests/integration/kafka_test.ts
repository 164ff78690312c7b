/** The Kafka sink, and what reads a topic back, on the newest Kafka and on the one before. */

import { serviceTest, sharedKafka, sharedPreviousKafka } from "../support/services.ts";
import { checkKafkaReader } from "./kafka_reader.ts";
import { checkKafkaSink } from "./kafka_sink.ts";

serviceTest({
  name: "the Kafka sink on Kafka 4",
  needs: ["kafka", "kcat"],
  fn: async (t) => await checkKafkaSink(t, await sharedKafka()),
});

serviceTest({
  name: "the Kafka sink on Kafka 3.9",
  needs: ["kafka-3.9", "kcat"],
  fn: async (t) => await checkKafkaSink(t, await sharedPreviousKafka()),
});

serviceTest({
  name: "a topic read back from Kafka 4",
  needs: ["kafka", "kcat"],
  fn: async (t) => await checkKafkaReader(t, await sharedKafka()),
});

serviceTest({
  name: "a topic read back from Kafka 3.9",
  needs: ["kafka-3.9", "kcat"],
  fn: async (t) => await checkKafkaReader(t, await sharedPreviousKafka()),
});
