import { assert, assertEquals } from "@std/assert";
import { openRedis } from "../../src/base/redis.ts";
import { SeenMarks } from "../../src/fleet/seen_marks.ts";
import { redisCommands } from "../support/redis_commands.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";

serviceTest({
  name: "what is marked is found, by whoever asks, and expires; other apps and other ids are not",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    await redisCommands(port, ["FLUSHALL"]);
    const redis = openRedis({ host: "127.0.0.1", port });
    const marks = new SeenMarks({ redis, prefix: "p:", app: "one" });
    // Two minutes apart.
    const [early, late] = ["1990000000000000000", String(1990000000000000000n + (120_000n << 22n))];
    await marks.mark([early, late, "odd"]);
    const asked = new SeenMarks({ redis, prefix: "p:", app: "one" });
    assertEquals(await asked.marked([late, "1990000000000000001", early, "odd"]), new Set([late, early, "odd"]));
    assertEquals(await asked.marked([]), new Set());
    assertEquals(await new SeenMarks({ redis, prefix: "p:", app: "two" }).marked([early]), new Set());
    const keys = await redis.scanKeys("p:traptor:seen:one:");
    assertEquals(keys.length, 3);
    for (const key of keys) {
      const [, left] = (await redisCommands(port, ["PTTL", key])).split(/[:\r]/);
      assert(Number(left) > 500_000 && Number(left) <= 600_000, left);
    }
    redis.close();
  },
});
