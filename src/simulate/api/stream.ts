/**
 * `GET /2/tweets/search/stream`: opens a stream, or says why not. A recovery takes no slot of the others; that it is
 * refused as they are when there are too many is a guess.
 * Sources: docs.x.com, Filtered stream: Handling disconnections; tweepy#1934 (no rules); plhery/node-twitter-api-v2#100
 * (a second connection is the one that is refused).
 */

import type { Context } from "../context.ts";
import type { Answer, PlainAnswer } from "../http/answer.ts";
import type { SimulatorRequest } from "../http/request.ts";
import { type Opening, StreamConnection } from "../stream/connection.ts";
import { history, type HistoryOptions } from "../stream/history.ts";
import { readSelection } from "./parameters.ts";
import { type Past, PAST_PARAMETERS, readPast } from "./past.ts";
import { noRules, tooManyConnections, unavailable } from "./problems.ts";
import { TweetJson } from "./tweet_json.ts";

export function openStream(context: Context, { query }: SimulatorRequest): Answer {
  const { clock, random, caps, rules, ledger, connections, mischief, traffic } = context;
  const refuse = (answer: PlainAnswer, outcome: string): PlainAnswer => {
    connections.noteRefused(answer.status, outcome);
    return answer;
  };
  if (mischief.isUnavailable) return refuse(unavailable(), "unavailable");
  const asked = readPast(query, caps, clock.now());
  if (asked.refusal) return refuse(asked.refusal, "Invalid Request");
  const selection = readSelection(query, PAST_PARAMETERS);
  if (selection.refusal) return refuse(selection.refusal, "Invalid Request");
  if (rules.size === 0) return refuse(noRules(), "RuleConfigurationIssue");
  const past = asked.value;
  const isRecovery = past?.kind === "recovery";
  const isFull = isRecovery ? connections.recoveries >= caps.recoveries : connections.taken >= caps.connections;
  if (isFull) return refuse(tooManyConnections(), "TooManyConnections");

  const json = new TweetJson(selection.value);
  const write = json.message.bind(json);
  const connection: StreamConnection = new StreamConnection({
    id: random.uuid(),
    clock,
    random,
    queueBytes: context.queueBytes,
    onSent: (mark, bytes) => ledger.noteSent(mark, bytes, connection.id),
  });
  const listener = { connection, write };
  connections.add(connection, isRecovery ? "recovery" : "live");
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    async run(socket) {
      // The past ends where the live stream begins: nothing may be posted between this and `traffic.add`.
      const opening = past ? openingOf(context, past, write) : undefined;
      try {
        if (mischief.takeClosing()) connection.endWith(undefined, "accept-close");
        else {
          if (!isRecovery) traffic.add(listener);
          mischief.opened(connection);
        }
        await connection.run(socket, opening);
      } finally {
        traffic.remove(listener);
        connections.remove(connection);
      }
    },
  };
}

/** What was posted in the past that a connect wants; a recovery is nothing else. */
function openingOf({ world, rules }: Context, { kind, start, end }: Past, write: HistoryOptions["write"]): Opening {
  const batches = history({ world, rules, recipes: world.postedBetween(start, end), kind, write });
  return kind === "recovery" ? { batches, endReason: "recovered" } : { batches };
}
