import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Events } from "../../src/base/events.ts";
import { KafkaSink } from "../../src/deliver/kafka_sink.ts";
import type { TweetRecord } from "../../src/model/record.ts";
import { startCollecting } from "../support/collecting.ts";
import { JournalFile } from "../support/journal_file.ts";
import { administer, makeTopic } from "../support/kafka_admin.ts";
import { serviceTest, sharedBroker } from "../support/services.ts";
import { type Ended, runTraptor, startTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

const PARTITIONS = 3;

/** A journal whose 3,000 records are in a topic, as their receipts say, but for those that were lost on the way. */
async function deliverTo(bootstrap: string, topic: string, isLost: (id: number) => boolean): Promise<JournalFile> {
  await makeTopic(bootstrap, topic, { partitions: PARTITIONS });
  const file = new JournalFile(["kafka"]);
  file.accept(1, 3_000);
  const sink = new KafkaSink({ hosts: [bootstrap], topic, clientId: "test", events: new Events() });
  await sink.open();
  for (;;) {
    const { journal } = file;
    const entries = journal.read("kafka", journal.positionOf("kafka"), { records: 250, bytes: 1e6 });
    if (entries.length === 0) break;
    const batch: TweetRecord[] = entries.map(({ record }) => record).filter(({ id }) => !isLost(Number(id)));
    const { receipt } = await sink.write(batch);
    journal.acknowledge("kafka", { entries, refused: new Map(), receipt });
    journal.settle();
  }
  await sink.close();
  file.end();
  return file;
}

async function verify(file: JournalFile, bootstrap: string, ...args: string[]): Promise<Ended> {
  return await runTraptor(["verify", "--sink", "--state-dir", file.directory, "--kafka-hosts", bootstrap, ...args]);
}

serviceTest({
  name: "one record in a thousand that is not in the topic makes verify --sink fail and name it",
  needs: ["kafka"],
  async fn() {
    const { bootstrap } = await sharedBroker();
    using whole = await deliverTo(bootstrap, "whole", () => false);
    const good = await verify(whole, bootstrap);
    assertEquals(good.code, 0, good.stdout + good.stderr);
    assertStringIncludes(good.stdout, "all 3,000 tweets that must be there are there");

    using holed = await deliverTo(bootstrap, "holed", (id) => id % 1_000 === 500);
    const bad = await verify(holed, bootstrap);
    assertEquals(bad.code, 1, bad.stdout + bad.stderr);
    assertMatch(
      bad.stdout,
      /3 of 3,000 tweets that must be there are not there:\n {4}1500, accepted .*\n {4}2500, .*\n {4}500, /,
    );
  },
});

serviceTest({
  name: "what the topic's retention has removed is told, not taken for missing; what is missing beyond that is",
  needs: ["kafka"],
  async fn() {
    const { bootstrap } = await sharedBroker();
    using file = await deliverTo(bootstrap, "shortened", (id) => id === 2_999);
    await administer(bootstrap, async (admin) => {
      const partitions = await admin.fetchTopicOffsets("shortened");
      await admin.deleteTopicRecords({
        topic: "shortened",
        partitions: partitions.map(({ partition }) => ({ partition, offset: "100" })),
      });
    });
    const { code, stdout } = await verify(file, bootstrap, "--json");
    assertEquals(code, 1);
    const [{ missing, removed, remarks, examples }] = JSON.parse(stdout).read_back;
    assertEquals([missing, removed], [1, PARTITIONS * 100]);
    assertEquals(examples.map(({ id }: { id: string }) => id), ["2999"]);
    assertEquals(remarks.length, PARTITIONS);
    assertMatch(remarks[0], /^offsets 0 to 99 of partition \d of shortened were removed by Kafka$/);
  },
});

serviceTest({
  name: "a topic that was deleted and made again does not have what it must have",
  needs: ["kafka"],
  async fn() {
    const { bootstrap } = await sharedBroker();
    using file = await deliverTo(bootstrap, "deleted", () => false);
    await administer(bootstrap, (admin) => admin.deleteTopics({ topics: ["deleted"] }));
    const { code, stdout } = await verify(file, bootstrap);
    assertEquals(code, 1);
    assertStringIncludes(stdout, "3,000 of 3,000 tweets that must be there are not there");
    assertMatch(stdout, /partition \d of deleted is not there any more/);
    file.tamper("DELETE FROM receipts");
    const blind = await verify(file, bootstrap);
    assertEquals(blind.code, 1, "nothing to compare with is no proof");
    assertStringIncludes(blind.stdout, "the journal has no receipts that say where in Kafka they are");
  },
});

serviceTest({
  name: "verify --sink agrees with a real Kafka while tweets come, after kill -9, and after the next start",
  needs: ["kafka"],
  async fn() {
    const { bootstrap } = await sharedBroker();
    await makeTopic(bootstrap, "killed", { partitions: PARTITIONS });
    const collecting = [
      "--kafka-hosts",
      bootstrap,
      "--kafka-topic",
      "killed",
      "--sink",
      "kafka",
      "--state-dir",
      "state",
    ];
    await using run = await startCollecting(collecting, { rules: "deno\ncoffee\n", simulator: { rate: 200 } });
    const agrees = async () => {
      const args = ["verify", "--state-dir", "state", "--kafka-hosts", bootstrap, "--sink"];
      const { code, stdout, stderr } = await runTraptor(args, { cwd: run.folder });
      assertEquals(code, 0, stdout + stderr);
      assertMatch(stdout, /all [1-9][\d,]* tweets that must be there are there/);
    };
    const more = async () => {
      const before = run.simulator.sent().length;
      await waitUntil(() => run.simulator.sent().length >= before + 200, { what: "200 more tweets are sent" });
    };
    await run.collector.says(/Connected to X/);
    await more();
    await agrees();
    await more();
    await run.collector.end("SIGKILL");
    await agrees();
    const args = ["--api-url", run.simulator.url, "--rules", "file:rules.txt", ...collecting];
    await using again = startTraptor(args, { cwd: run.folder, env: { BEARER_TOKEN: run.simulator.token } });
    await again.says(/Connected to X/);
    await more();
    assertEquals((await again.end()).code, 0);
    await agrees();
  },
});
