/** The journal is full while Kafka is away: the stream is closed, nothing accepted is lost, and all goes on by itself. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { audit } from "../../src/journal/audit.ts";
import { lookIntoJournal } from "../../src/journal/journal_reader.ts";
import { DeliveryWorld } from "../support/delivery_world.ts";
import { freePort } from "../support/free_port.ts";
import { seedOfRun } from "../support/seeded.ts";
import { serviceTest, sharedKafka } from "../support/services.ts";

serviceTest({
  name: "a full journal closes the stream, says so, and has room again when Kafka is back",
  needs: ["kafka", "kcat"],
  async fn() {
    const broker = await sharedKafka();
    const status = freePort();
    await using world = await DeliveryWorld.start({
      bootstrap: broker.bootstrap,
      topic: "full",
      rate: 200,
      seed: seedOfRun(),
      args: ["--journal-max-bytes", "1MiB", "--status-listen", `127.0.0.1:${status}`],
    });
    await broker.process.end();
    await world.collector.says(/The journal is full: it has reached JOURNAL_MAX_BYTES/);
    const readiness = await fetch(`http://127.0.0.1:${status}/readyz`);
    assert(readiness.status === 503);
    assertStringIncludes(await readiness.text(), "the journal takes no tweets: it has reached JOURNAL_MAX_BYTES");
    await world.collector.says(/The stream is closed until there is room/);
    await broker.process.start();
    await world.collector.says(/The journal has room again/);
    await world.collector.says(/Connected to X's filtered stream[^]*Connected to X's filtered stream/);
    await world.moreSent(50);
    await world.finish();
    const gaps = lookIntoJournal(`${world.state}/journal.db`, audit).gaps;
    const full = gaps.filter(({ cause }) => cause === "journal_full");
    assert(full.length > 0 && full.every(({ beganAt, endedAt = 0 }) => endedAt > beganAt + 5_000));
    assertEquals(gaps.filter((gap) => !full.includes(gap)).map(({ cause }) => cause), ["stopped"]);
  },
});
