import { Events } from "../../src/base/events.ts";
import { KafkaSink } from "../../src/deliver/kafka_sink.ts";
import { consumeAll } from "../support/kafka_records.ts";
import { serviceTest, sharedBroker } from "../support/services.ts";
import { checkSink } from "./sink.ts";

serviceTest({
  name: "the Kafka sink does what every sink does",
  needs: ["broker", "kcat"],
  async fn(t) {
    const { bootstrap } = await sharedBroker();
    await checkSink(t, () => {
      const topic = `conformance-${crypto.randomUUID()}`;
      return Promise.resolve({
        sink: new KafkaSink({ hosts: [bootstrap], topic, clientId: "traptor-test", events: new Events() }),
        // A topic has several partitions, and no order among them.
        keepsOrder: false,
        arrived: () => consumeAll(bootstrap, topic),
        remove: () => Promise.resolve(),
      });
    }, { withoutTrouble: "a broker that is shared is not hurt; tests/e2e/kafka_test.ts stops one" });
  },
});
