/** The settings that are about several instances with one token. */

import { option } from "./option.ts";
import * as parse from "./parsers.ts";

export const FLEET_OPTIONS = {
  heartbeatInterval: option({
    name: "HEARTBEAT_INTERVAL",
    parse: parse.duration,
    default: "5s",
    placeholder: "TIME",
    help: "how often each instance tells in Redis that it is there, and what it does",
  }),
  leaseTtl: option({
    name: "LEASE_TTL",
    parse: parse.duration,
    default: "10s",
    placeholder: "TIME",
    help:
      "how long an instance holds the app's connection when Redis hears nothing more of it; the same for all instances",
  }),
  leaseRenew: option({
    name: "LEASE_RENEW",
    parse: parse.duration,
    default: "3s",
    placeholder: "TIME",
    help: "how often the holder renews that; at most a third of LEASE_TTL",
  }),
  connections: option({
    name: "X_CONNECTIONS",
    parse: parse.whole(1, 2),
    default: "1",
    placeholder: "1|2",
    help: "how many connections to hold at once, by different instances; 2 where X's tier allows it",
  }),
  separateUseCases: option({
    name: "X_SEPARATE_USE_CASES",
    parse: parse.truth,
    default: "false",
    placeholder: "yes",
    help: "X has approved a use case of its own for each app that collects the same slots here",
  }),
} as const;
