/** Into a broker that wants TLS and a login. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Events } from "../../src/base/events.ts";
import type { KafkaConnection } from "../../src/deliver/kafka_client.ts";
import { readBack } from "../../src/deliver/kafka_reader.ts";
import { startCollecting } from "../support/collecting.ts";
import { freePort } from "../support/free_port.ts";
import { startKafka } from "../support/kafka.ts";
import { runProgram } from "../support/programs.ts";
import { serviceTest } from "../support/services.ts";

const TLS = new URL("../data/tls/", import.meta.url).pathname;
const PASSWORD = "a-password-of-the-test";

type Mechanism = NonNullable<KafkaConnection["sasl"]>["mechanism"];

/** A PEM file on one line, as Java's properties want it. */
function pem(name: string): string {
  return Deno.readTextFileSync(`${TLS}/${name}`).trim().replaceAll("\n", "\\n");
}

function secureProperties(port: number, secure: number, controller: number): Record<string, string> {
  const plain = "org.apache.kafka.common.security.plain.PlainLoginModule";
  const scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
  return {
    "listeners": `PLAINTEXT://127.0.0.1:${port},SECURE://127.0.0.1:${secure},CONTROLLER://127.0.0.1:${controller}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port},SECURE://127.0.0.1:${secure}`,
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "listener.name.secure.plain.sasl.jaas.config": `${plain} required user_traptor="${PASSWORD}";`,
    "listener.name.secure.scram-sha-256.sasl.jaas.config": scram,
    "listener.name.secure.scram-sha-512.sasl.jaas.config": scram,
    "listener.name.secure.ssl.keystore.type": "PEM",
    "listener.name.secure.ssl.keystore.certificate.chain": pem("cert.pem"),
    "listener.name.secure.ssl.keystore.key": pem("key.pem"),
  };
}

serviceTest({
  name: "TLS with a private CA, and each way to log in; a wrong password is told plainly and never shown",
  needs: ["kafka", "kcat"],
  async fn(t) {
    const [secure, controller] = [freePort(), freePort()];
    const broker = await startKafka({
      properties: (port) => secureProperties(port, secure, controller),
      formatArguments: ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((name) => [
        "--add-scram",
        `${name}=[name=traptor,password=${PASSWORD}]`,
      ]),
    });
    const env = { KAFKA_SASL_USERNAME: "traptor", KAFKA_SASL_PASSWORD: PASSWORD };
    const args = ["--kafka-hosts", `127.0.0.1:${secure}`, "--kafka-ssl", "--kafka-ssl-ca", `${TLS}/ca.pem`];
    const ca = Deno.readTextFileSync(`${TLS}/ca.pem`);
    /** What `traptor verify` reads, over the same secured port. */
    const idsReadBack = async (mechanism: Mechanism): Promise<string[]> => {
      const sasl = { mechanism, username: "traptor", password: PASSWORD };
      const connection = {
        hosts: [`127.0.0.1:${secure}`],
        clientId: "verify",
        ssl: { ca },
        sasl,
        events: new Events(),
      };
      const from = new Map([0, 1, 2].map((partition) => [partition, 0n]));
      const found = await Array.fromAsync(readBack(connection, { topic: mechanism, from }));
      return found.map((one) => one.kind === "record" ? one.id : one.kind).sort();
    };
    try {
      for (const mechanism of ["plain", "scram-sha-256", "scram-sha-512"] as const) {
        await t.step(mechanism, async () => {
          const topic = ["--kafka-topic", mechanism, "--kafka-sasl-mechanism", mechanism];
          await using run = await startCollecting([...args, ...topic, "--limit", "20"], { rules: "deno\n", env });
          const { code, stderr } = await run.collector.ended;
          assertEquals(code, 0, stderr);
          const ids = await runProgram([
            ...["kcat", "-b", broker.bootstrap, "-C", "-t", mechanism, "-e", "-q", "-f", "%k\n"],
          ]);
          assertEquals(ids.trimEnd().split("\n").length, 20);
          assertEquals(await idsReadBack(mechanism), ids.trimEnd().split("\n").sort());
        });
      }
      await t.step("a wrong password", async () => {
        const wrong = { ...env, KAFKA_SASL_PASSWORD: "a-wrong-password" };
        await using run = await startCollecting([...args, "--kafka-sasl-mechanism", "plain"], {
          rules: "deno\n",
          env: wrong,
        });
        await run.collector.says(/refuses the login/);
        assert(!run.collector.stderr.includes("a-wrong-password"));
      });
      await t.step("a certificate that nobody vouches for", async () => {
        const trusting = ["--kafka-hosts", `127.0.0.1:${secure}`, "--kafka-ssl", "--kafka-sasl-mechanism", "plain"];
        await using run = await startCollecting(trusting, { rules: "deno\n", env });
        await run.collector.says(/Cannot deliver to Kafka/);
        assertMatch(run.collector.stderr, /Cannot deliver to Kafka .*certificate/i);
      });
    } finally {
      await broker.stop();
    }
  },
});
