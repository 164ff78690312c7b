/** The part of `traptor verify` that looks beyond one machine: all journals of an app's instances, by what they told. */

import { UsageError } from "../../base/errors.ts";
import type { Loaded } from "../../config/load.ts";
import { type FleetBalance, fleetBalance } from "../../fleet/fleet_balance.ts";
import { readFleet, writeOff } from "../../fleet/fleet_reading.ts";
import { isLive } from "../../model/instance.ts";
import { shown } from "../../model/outside_text.ts";
import { counted } from "../figures.ts";
import { inFleet, placeOf } from "../fleet_place.ts";
import { who } from "../who.ts";

/** What is read of the fleet. */
export interface FleetFound {
  readonly app: string;
  /** Where Redis is, for people. */
  readonly target: string;
  readonly balance: FleetBalance;
}

const CANNOT = "Cannot look at the fleet";

/** `instance` is ours, where there is one. Throws UnavailableError, SettingsError. */
export function findFleet(loaded: Loaded, instance: string | undefined): Promise<FleetFound> {
  return inFleet(loaded, CANNOT, async (redis) => {
    const place = await placeOf(redis, loaded, CANNOT, instance);
    const told = await readFleet(redis, place);
    return { app: place.app, target: redis.target, balance: fleetBalance(told) };
  });
}

/** Answers with what is to be told. Throws UsageError for an instance that is not to be written off, and as above. */
export function writeOffInstance(loaded: Loaded, own: string | undefined, instance: string): Promise<string> {
  return inFleet(loaded, CANNOT, async (redis) => {
    const place = await placeOf(redis, loaded, CANNOT, own);
    const told = await readFleet(redis, place);
    const report = told.instances.get(instance);
    const { members, stranded } = fleetBalance(told);
    const member = members.find((candidate) => candidate.instance === instance && candidate.state !== "written_off");
    if (!member) {
      const gone = stranded.map((candidate) => candidate.instance).join(", ");
      throw new UsageError(`Cannot write off ${shown(instance, 40)}: no instance of this app has that name`, {
        hint: gone === "" ? "`traptor verify --fleet`: no machine is gone" : `one of those that are gone: ${gone}`,
      });
    }
    const { host, toldAt, waiting, waitingSince } = member;
    if (report && isLive(report, told.now)) throw liveError(instance, host);
    const since = waitingSince === 0 ? toldAt : waitingSince;
    const entry = { instance, host, waiting, since, at: told.now, by: who(loaded) };
    if (!await writeOff(redis, place, entry, report)) throw liveError(instance, host);
    return `${counted(waiting, "record")} on host ${shown(host)} (${instance}) written off\n`;
  });
}

function liveError(instance: string, host: string): UsageError {
  return new UsageError(`Cannot write off ${instance}: it is running on ${shown(host)}`, {
    hint: "stopping it there: it delivers what it has, or leaves it to its next start",
  });
}
