/** Who has the app's slot, against the simulator's `/2/connections`. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../../src/base/clock.ts";
import { type Simulator, startSimulator } from "../../../src/simulate/simulator.ts";
import { type ConnectionMemory, ConnectionSlot } from "../../../src/stream/connection_slot.ts";
import { Token } from "../../../src/stream/token.ts";
import { XFailure } from "../../../src/stream/x_failure.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { openTransport } from "../../../src/stream/transport.ts";

const NEVER = new AbortController().signal;

class Memory implements ConnectionMemory {
  ownConnection: string | undefined;

  rememberConnection(id: string): void {
    this.ownConnection = id;
  }
}

async function withSimulator(
  test: (simulator: Simulator, open: () => Promise<Response>) => Promise<void>,
): Promise<void> {
  const simulator = await startSimulator({ rate: 0 });
  const bodies: Response[] = [];
  const headers = { Authorization: `Bearer ${simulator.token}` };
  const open = async () => {
    const response = await fetch(`${simulator.url}/2/tweets/search/stream`, { headers });
    bodies.push(response);
    return response;
  };
  try {
    const rules = { method: "POST", headers, body: JSON.stringify({ add: [{ value: "deno" }] }) };
    await (await fetch(`${simulator.url}/2/tweets/search/stream/rules`, rules)).text();
    await test(simulator, open);
  } finally {
    for (const { body } of bodies) await body?.cancel().catch(() => {});
    await simulator.close();
  }
}

function slotAt({ token, url }: Simulator, memory: Memory, takesOver = false): ConnectionSlot {
  const transport = openTransport({ apiUrl: url, userAgent: "test", clock: systemClock() });
  return new ConnectionSlot({ transport, token: new Token(token), clock: systemClock(), memory, takesOver });
}

Deno.test("a connection of ours, of a process before this one, is known by its id and closed", async () => {
  await withSimulator(async (simulator, open) => {
    const memory = new Memory();
    await open();
    await slotAt(simulator, memory).learnOwn(NEVER, 0);
    assert(memory.ownConnection !== undefined);
    assertEquals((await open()).status, 429);
    assertEquals(await slotAt(simulator, memory).look(NEVER), { freed: "own" });
    assertEquals((await open()).status, 200);
  });
});

Deno.test("a connection of ours that was lost before X told its id is known by when it was granted", async () => {
  await withSimulator(async (simulator, open) => {
    const granted = await open();
    const slot = slotAt(simulator, new Memory());
    const lost = AbortSignal.abort("lost");
    const grantedAt = Date.parse(granted.headers.get("date")!);
    assertEquals(await slot.learnOwn(lost, grantedAt - 2_000).catch((reason) => reason), "lost");
    assert("holder" in await slot.look(NEVER), "it was somebody else's that was granted then");
    assertEquals(await slot.learnOwn(lost, grantedAt).catch((reason) => reason), "lost");
    assertEquals(await slot.look(NEVER), { freed: "own" });
    assertEquals((await open()).status, 200);
  });
});

Deno.test("a slot that nobody has any more is free", async () => {
  await withSimulator(async (simulator) => {
    assertEquals(await slotAt(simulator, new Memory()).look(NEVER), { freed: "by itself" });
  });
});

Deno.test("somebody else's connection is named and left alone, unless the operator takes over", async () => {
  await withSimulator(async (simulator, open) => {
    await open();
    const memory = new Memory();
    const look = await slotAt(simulator, memory).look(NEVER);
    assert(
      "holder" in look && /by a connection from 127\.0\.0\.1, open since 20\d\d-/.test(look.holder),
      JSON.stringify(look),
    );
    assertEquals((await open()).status, 429);
    assertEquals(await slotAt(simulator, memory, true).look(NEVER), { freed: "taken over" });
    assertEquals((await open()).status, 200);
  });
});

Deno.test("an X that is mute is not waited for longer than ten seconds, and a stop ends the wait at once", async () => {
  const clock = new FakeClock();
  const transport = { aheadMs: 0, fetch: () => new Promise<Response>(() => {}), close() {} };
  const slot = new ConnectionSlot({ transport, token: new Token("t"), clock, memory: undefined, takesOver: false });
  const late = assertRejects(() => slot.look(NEVER), XFailure, "X did not answer within 10 s");
  await clock.advance(10_000);
  await late;
  const stop = new AbortController();
  const stopped = slot.learnOwn(stop.signal, 0).catch((error) => error);
  stop.abort("stopped");
  assertEquals([await stopped, clock.pending], ["stopped", 0]);
});
