import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ConfigResourceTypes } from "kafkajs";
import { startCollecting } from "../support/collecting.ts";
import { administer, makeTopic } from "../support/kafka_admin.ts";
import { consumeAll } from "../support/kafka_records.ts";
import { serviceTest, sharedBroker } from "../support/services.ts";
import { type Ended, runTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Smaller than the larger ones of the simulator's tweets, compressed. */
const MOST_BYTES = 1_250;

async function takeLarger(bootstrap: string, name: string): Promise<void> {
  await administer(bootstrap, (admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [{
        type: ConfigResourceTypes.TOPIC,
        name,
        configEntries: [{ name: "max.message.bytes", value: "1000000" }],
      }],
    }));
}

serviceTest({
  name: "what Kafka refuses as too large is listed, shown, exported and delivered again; verify agrees all along",
  needs: ["kafka", "kcat"],
  async fn() {
    const { bootstrap } = await sharedBroker();
    const topic = "dead-letters";
    await makeTopic(bootstrap, topic, { partitions: 3, settings: { "max.message.bytes": String(MOST_BYTES) } });
    const kafka = ["--kafka-hosts", bootstrap, "--kafka-topic", topic];
    await using run = await startCollecting(["--sink", "kafka", ...kafka, "--state-dir", "state"], {
      rules: "deno\ncoffee\n地震\n",
      simulator: { rate: 40 },
    });
    const traptor = async (code: number, ...args: string[]): Promise<Ended> => {
      const ended = await runTraptor([...args, "--state-dir", "state", ...kafka], { cwd: run.folder });
      assertEquals(ended.code, code, `${args.join(" ")}: ${ended.stdout}${ended.stderr}`);
      return ended;
    };
    const heads = async () =>
      (await traptor(0, "dead", "list", "--json")).stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    await run.collector.says(/Connected to X/);
    await waitUntil(() => run.simulator.sent().length >= 80, { what: "80 tweets are sent" });
    run.simulator.pause();
    await waitUntil(async () => {
      const { stdout } = await traptor(0, "verify", "--json");
      return JSON.parse(stdout).sinks[0].waiting === 0;
    }, { what: "all are delivered or dead", everyMs: 500 });
    const dead = await heads();
    assert(dead.length >= 3 && dead.length < 70, `${dead.length} dead letters are too few, or too many`);
    const [first] = dead;
    assertEquals([first.number, first.sink], [1, "kafka"]);

    const { stdout: list } = await traptor(0, "dead", "list");
    assertMatch(list, /^number +when +sink +tweet +reason\n1 +20\d\d-\d\d-\d\d \d\d:\d\d/);
    const { stdout: shown } = await traptor(0, "dead", "show", "1");
    assertStringIncludes(shown, `"id": "${first.id}"`);
    assertMatch(shown, /\nreason +\S/);
    await traptor(0, "dead", "export", "dead.jsonl");
    const exported = (await Deno.readTextFile(`${run.folder}/dead.jsonl`)).trimEnd().split("\n");
    const sent = new Map(run.simulator.sent().map(({ id, line }) => [id, line]));
    assertEquals(exported.map((line) => JSON.parse(line).data.id), dead.map(({ id }) => id));
    for (const line of exported) {
      assertStringIncludes(
        sent.get(JSON.parse(line).data.id)!,
        line.slice(0, line.lastIndexOf(',"traptor":{"version":')),
      );
    }
    assertEquals((await traptor(64, "dead", "export", "dead.jsonl")).stderr.split("\n").length, 3);

    await traptor(0, "verify", "--sink");

    // Refused again: a dead letter again. Then the topic takes it, from the running collector.
    assertEquals((await traptor(0, "dead", "retry", "1")).stdout, "1 record is on its way again\n");
    await waitUntil(async () => (await heads()).length === dead.length, { what: "it is dead again", everyMs: 500 });
    await takeLarger(bootstrap, topic);
    const [again, ...others] = await heads();
    await traptor(0, "dead", "retry", String(again.number));
    const ids = async () => (await consumeAll(bootstrap, topic)).map(({ id }) => id);
    await waitUntil(async () => (await ids()).includes(again.id), { what: "it is in the topic", everyMs: 500 });
    const unknown = await traptor(1, "dead", "retry", "4711");
    assertEquals(unknown.stderr, "There is no dead letter 4711\n");

    // The rest with the collector stopped: the command does it, and the next start delivers.
    await run.collector.end();
    const all = JSON.parse((await traptor(0, "dead", "retry", "--all", "--json")).stdout);
    assertEquals(all, { retried: others.length, unknown: [], damaged: [], absent: [], fault: null });
    assertEquals(await heads(), []);
    const args = ["--api-url", run.simulator.url, "--rules", "file:rules.txt", "--sink", "kafka", "--duration", "5s"];
    const env = { BEARER_TOKEN: run.simulator.token };
    const next = await runTraptor([...args, ...kafka, "--state-dir", "state"], { cwd: run.folder, env });
    assertEquals(next.code, 0, next.stderr);
    const there = new Set(await ids());
    assertEquals(dead.filter(({ id }) => !there.has(id)), []);
    await traptor(0, "verify", "--sink");
  },
});
