import { assertEquals } from "@std/assert";
import { type EmittedEvent, Events } from "../../../src/base/events.ts";
import { StreamStates } from "../../../src/stream/stream_states.ts";
import { XFailure } from "../../../src/stream/x_failure.ts";
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

Deno.test("a wait that becomes known is no transition, and what a lost connection leads to depends on its cause", async () => {
  const clock = new FakeClock(1_000);
  const events = new Events();
  const told: unknown[] = [];
  events.listen(({ fields }) => told.push(fields["to"]));
  const states = new StreamStates(clock, events);
  states.become("idle");
  states.lose(new XFailure("http", "X ended it"));
  await clock.advance(100);
  states.become("backing_off", "X ended it", 5_000);
  assertEquals(states.status, {
    state: "backing_off",
    since: 1_000,
    reason: "X ended it",
    downSince: 1_000,
    until: 6_100,
  });
  states.lose(new XFailure("network", "nothing came", { loss: "stalled" }));
  states.lose(new XFailure("forbidden", "not enrolled"));
  states.stop(AbortSignal.abort("there is no room"));
  assertEquals([states.status.state, states.status.reason], ["stopped", "there is no room"]);
  assertEquals(told, ["idle", "backing_off", "stalled", "refused", "stopped"]);
});
