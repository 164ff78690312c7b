import { assertEquals } from "@std/assert";
import { type EmittedEvent, Events } from "../../../src/base/events.ts";
import { StreamStates } from "../../../src/stream/stream_states.ts";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("every transition is one event with its cause, and how long no connection stood is kept over all of them", async () => {
  const clock = new FakeClock(1_000);
  const events = new Events();
  const told: EmittedEvent["fields"][] = [];
  events.listen(({ fields }) => told.push(fields));
  const states = new StreamStates(clock, events);
  states.become("connecting");
  await clock.advance(100);
  states.become("idle");
  states.become("idle");
  assertEquals(states.status, { state: "idle", since: 1_100 });
  await clock.advance(100);
  states.become("backing_off", "a cut", 250);
  await clock.advance(250);
  states.become("connecting");
  await clock.advance(50);
  states.become("backing_off", "a cut", 500);
  assertEquals(states.status, { state: "backing_off", since: 1_500, reason: "a cut", downSince: 1_200, until: 2_000 });
  assertEquals(told, [
    { from: "stopped", to: "connecting", cause: "" },
    { from: "connecting", to: "idle", cause: "" },
    { from: "idle", to: "backing_off", cause: "a cut" },
    { from: "backing_off", to: "connecting", cause: "" },
    { from: "connecting", to: "backing_off", cause: "a cut" },
  ]);
});
