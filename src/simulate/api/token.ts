/** `POST /oauth2/token`: the app's bearer token for its key and secret. Source: docs.x.com, Application-only auth. */

import { type Answer, json } from "../http/answer.ts";
import type { SimulatorRequest } from "../http/request.ts";

/** The only key pair that this X knows. */
export const SIMULATOR_CONSUMER_KEY = "simulator-consumer-key";
export const SIMULATOR_CONSUMER_SECRET = "simulator-consumer-secret";

const CREDENTIALS = btoa(`${SIMULATOR_CONSUMER_KEY}:${SIMULATOR_CONSUMER_SECRET}`);

export function giveToken(token: string, { headers, body }: SimulatorRequest): Answer {
  if (headers.get("authorization") !== `Basic ${CREDENTIALS}`) {
    const error = { code: 99, message: "Unable to verify your credentials", label: "authenticity_token_error" };
    return json(403, { errors: [error] });
  }
  const form = new URLSearchParams(new TextDecoder().decode(body));
  if (form.get("grant_type") !== "client_credentials") {
    const error = {
      code: 170,
      message: "Missing required parameter: grant_type",
      label: "forbidden_missing_parameter",
    };
    return json(403, { errors: [error] });
  }
  return json(200, { token_type: "bearer", access_token: token });
}
