import { systemClock } from "../../src/base/clock.ts";
import { startSimulator } from "../../src/simulate/simulator.ts";
import { openTransport } from "../../src/stream/transport.ts";
import { Token } from "../../src/stream/token.ts";
import { TwitterRulesApi } from "../../src/stream/twitter_api.ts";
import { FakeXRules } from "../support/fake_x_rules.ts";
import { xApiSuite } from "./x_api.ts";

xApiSuite("the library against the simulator", async () => {
  const simulator = await startSimulator({ caps: { rulesPerProject: 5 } });
  const transport = openTransport({ apiUrl: simulator.url, userAgent: "traptor/test", clock: systemClock() });
  return {
    api: new TwitterRulesApi(new Token(simulator.token), { transport, clock: systemClock() }),
    invalid: "has:links",
    async [Symbol.asyncDispose]() {
      transport.close();
      await simulator.close();
    },
  };
});

xApiSuite("the fake of the unit tests", () => {
  const api = new FakeXRules();
  api.cap = 5;
  return Promise.resolve({ api, invalid: "INVALID", [Symbol.asyncDispose]: () => Promise.resolve() });
});
