/** Which setting a name that is none was probably meant for. */

import { nearestName } from "../model/nearest_name.ts";
import { OPTION_NAMES, SECRET_NAMES } from "./options.ts";

const PREFIX = "TRAPTOR_";

/** The name of a setting that is near, also with the prefix where it has none and without where it has one. */
export function meantSetting(name: string): string | undefined {
  const known = [...OPTION_NAMES, ...SECRET_NAMES.map((secret) => `${secret}_FILE`)];
  const upper = name.toUpperCase().replaceAll("-", "_");
  const other = upper.startsWith(PREFIX) ? upper.slice(PREFIX.length) : `${PREFIX}${upper}`;
  return nearestName(upper, known) ?? nearestName(other, known);
}
