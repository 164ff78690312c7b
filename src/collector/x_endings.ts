/** X's refusals as errors that end the program, in plain words. */

import { type EndingError, RefusedError, SettingsError } from "../base/errors.ts";
import { shown } from "../model/outside_text.ts";
import type { XFailure } from "../stream/x_failure.ts";

/** What a person is told of a failure that cannot heal. */
export function endingOf(failure: XFailure): EndingError {
  if (failure.kind === "unauthorized") {
    return new RefusedError(`X refused the token: ${shown(failure.message)}`, {
      hint: "Copy the bearer token of your app again from X's developer portal into BEARER_TOKEN",
      cause: failure,
    });
  }
  if (failure.kind === "forbidden") {
    return new RefusedError(`X does not let this app use the filtered stream: ${shown(failure.message)}`, {
      hint: "The app must belong to a project whose access includes the filtered stream (pay-per-use does): " +
        "see its plan in X's developer portal",
      cause: failure,
    });
  }
  return new SettingsError(`X will not answer this request: ${shown(failure.message)}`, {
    hint: "Check TWITTER_API_URL and the lists of fields and expansions: `traptor config` shows them",
    cause: failure,
  });
}
