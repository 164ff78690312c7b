/**
 * `GET /2/tweets/search/stream`: opens a stream, or says why not.
 * Sources: docs.x.com, Filtered stream: Handling disconnections; tweepy#1934 (no rules); plhery/node-twitter-api-v2#100
 * (a second connection is the one that is refused).
 */

import type { Context } from "../context.ts";
import type { Answer, PlainAnswer } from "../http/answer.ts";
import type { SimulatorRequest } from "../http/request.ts";
import { StreamConnection } from "../stream/connection.ts";
import { readSelection } from "./parameters.ts";
import { noRules, notInThisTier, tooManyConnections, unavailable } from "./problems.ts";
import { TweetJson } from "./tweet_json.ts";

const ENTERPRISE_PARAMETERS = ["backfill_minutes", "start_time", "end_time"];

export function openStream(context: Context, { query }: SimulatorRequest): Answer {
  const { clock, random, caps, rules, ledger, connections, mischief, traffic } = context;
  const refuse = (answer: PlainAnswer, outcome: string): PlainAnswer => {
    connections.noteRefused(answer.status, outcome);
    return answer;
  };
  if (mischief.isUnavailable) return refuse(unavailable(), "unavailable");
  const enterprise = ENTERPRISE_PARAMETERS.find((name) => query.has(name));
  if (enterprise) return refuse(notInThisTier(enterprise), "Invalid Request");
  const selection = readSelection(query);
  if (selection.refusal) return refuse(selection.refusal, "Invalid Request");
  if (rules.size === 0) return refuse(noRules(), "RuleConfigurationIssue");
  if (connections.taken >= caps.connections) return refuse(tooManyConnections(), "TooManyConnections");

  const connection: StreamConnection = new StreamConnection({
    id: random.uuid(),
    clock,
    random,
    queueBytes: context.queueBytes,
    onSent: (mark, bytes) => ledger.noteSent(mark, bytes, connection.id, clock.now()),
  });
  const json = new TweetJson(selection.value);
  const listener = { connection, write: json.message.bind(json) };
  connections.add(connection);
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    async run(socket) {
      try {
        if (mischief.takeClosing()) connection.endWith({ bytes: new Uint8Array(0), marks: [] }, "accept-close");
        else {
          traffic.add(listener);
          mischief.opened(connection);
        }
        await connection.run(socket);
      } finally {
        traffic.remove(listener);
        connections.remove(connection);
      }
    },
  };
}
