/** What a person says about storing the rules of any source: its flags, and what they mean. */

import { UsageError } from "../../base/errors.ts";
import type { Loaded } from "../../config/load.ts";
import { shown } from "../../model/outside_text.ts";
import type { Slot } from "../../model/slot.ts";
import type { StoreOptions } from "../../rules/rule_writer.ts";
import { type Arguments, type Flag, wholeNumber } from "../arguments.ts";
import type { SourceCommand } from "./source.ts";
import { PLACE_SETTINGS } from "./shared.ts";

const COMMON_FLAGS: readonly Flag[] = [
  { name: "id", placeholder: "N", help: "the number of the slot in which rules without one begin, default 0" },
  { name: "tag", placeholder: "TEXT", help: "give every rule this tag instead of its own" },
  { name: "replace", help: "the new rules take the place of those there; this is the default" },
  { name: "merge", help: "the new rules join those there; the tags of equal ones are kept" },
  {
    name: "layout",
    placeholder: "set|hash",
    help: "how Redis holds them: a set a slot (the default), or a hash a rule",
  },
  { name: "per-slot", placeholder: "N", help: "how many rules a slot holds, instead of the limit of its type" },
  { name: "dry-run", help: "store nothing; print the rules with their slots, a JSON object a line" },
  { name: "refused", placeholder: "FILE", help: "write what is refused there, with the reasons, a JSON object a line" },
  { name: "json", help: "print the summary as JSON" },
];

/** For sources that do not say by themselves of which type rules are. */
const TYPE_FLAG: Flag = {
  name: "type",
  placeholder: "TYPE",
  help: "the type of rules without one: track, follow, geo or query; default track",
};

/** The settings of every source. */
export const SOURCE_SETTINGS = [
  ...PLACE_SETTINGS.filter((name) => name !== "type" && name !== "id"),
  "track-per-slot",
  "follow-per-slot",
  "geo-per-slot",
  "query-per-slot",
];

/** All flags of a source. */
export function flagsOf(source: SourceCommand): readonly Flag[] {
  return [...source.flags, ...(source.typeOf ? [] : [TYPE_FLAG]), ...COMMON_FLAGS];
}

/** The slot at which the rules begin. Throws UsageError when several are named. */
export function startOf(source: SourceCommand, given: Arguments, loaded: Loaded): Slot {
  const { type, id } = loaded.settings;
  const own = source.typeOf?.(given);
  if (own === undefined && type.length > 1) {
    throw new UsageError(`Cannot store rules of the types ${type.join(", ")} at once: a rule without a type has one`, {
      hint: `--type ${type[0]}`,
    });
  }
  if (id === "all" || id.length > 1) {
    throw new UsageError("Cannot store rules in several slots at once: they begin in one, and go on in the next", {
      hint: "--id 0",
    });
  }
  return { type: own ?? type[0]!, id: id[0]! };
}

/** How rules are to be stored. Throws UsageError. */
export function storeOptions(
  source: SourceCommand,
  given: Arguments,
  { settings }: Loaded,
  startId: number,
): StoreOptions {
  const { values, switches } = given;
  if (switches.has("replace") && switches.has("merge")) {
    throw new UsageError("Cannot use --replace together with --merge: the new rules do one or the other", {
      hint: `traptor rules ${source.name} --help`,
    });
  }
  const layout = values["layout"] ?? "set";
  if (layout !== "set" && layout !== "hash") {
    throw new UsageError(`Cannot use --layout ${shown(layout, 40)}: there is no such layout`, { hint: "set, or hash" });
  }
  const own = values["per-slot"];
  const limit = own === undefined ? undefined : wholeNumber("per-slot", own, 1, 1_000_000);
  const limits = {
    track: settings.trackPerSlot,
    follow: settings.followPerSlot,
    geo: settings.geoPerSlot,
    query: settings.queryPerSlot,
  };
  return {
    startId,
    layout,
    mode: switches.has("merge") ? "merge" : "replace",
    perSlot: (type) => limit ?? limits[type],
    what: `rules ${source.name} ${source.whatOf(given)}`.trim(),
  };
}
