/** `GET /2/users/by` and `GET /2/users`: everybody exists but those whose name begins with `missing_`. */

import type { Context } from "../context.ts";
import { type Answer, json } from "../http/answer.ts";
import type { SimulatorRequest } from "../http/request.ts";
import { readList, readSelection } from "./parameters.ts";
import { invalidRequest } from "./problems.ts";
import { TweetJson } from "./tweet_json.ts";

const MOST = 100;

/** Looks people up by `usernames` or by `ids`. */
export function findUsers({ people }: Context, { query }: SimulatorRequest, by: "usernames" | "ids"): Answer {
  const selection = readSelection(query, [by]);
  if (selection.refusal) return selection.refusal;
  const asked = readList(query, by);
  const pattern = by === "ids" ? /^\d{1,19}$/ : /^\w{1,15}$/;
  const wrong = asked.filter((key) => !pattern.test(key));
  if (asked.length === 0 || asked.length > MOST || wrong.length > 0) {
    const message = `The \`${by}\` query parameter value [${wrong.join(",")}] is not valid: 1 to ${MOST} are taken`;
    return invalidRequest({ [by]: wrong }, message);
  }
  const known = asked.filter((key) => by === "ids" || people.exists(key));
  const missing = asked.filter((key) => !known.includes(key));
  const tweets = new TweetJson(selection.value);
  const users = known.map((key) => tweets.user(by === "ids" ? people.withId(key) : people.withUsername(key)));
  const errors = missing.map((key) => ({
    value: key,
    detail: `Could not find user with usernames: [${key}].`,
    title: "Not Found Error",
    resource_type: "user",
    parameter: "usernames",
    resource_id: key,
    type: "https://api.twitter.com/2/problems/resource-not-found",
  }));
  const members = [
    ...(users.length > 0 ? [`"data":[${users.join(",")}]`] : []),
    ...(errors.length > 0 ? [`"errors":${JSON.stringify(errors)}`] : []),
  ];
  return { ...json(200, {}), body: `{${members.join(",")}}` };
}
