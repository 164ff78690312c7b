/**
 * What people ask of whoever holds an app's connection, from any machine: a list in Redis, `traptor:commands:<app>`, from
 * which the holder takes one after the other, and for each a key with the answer.
 *
 * It promises that a command is taken by one holder; one that nobody has taken for half a minute is asked no more. It does
 * not promise an answer: a holder may end in between.
 */

import type { RedisConnection } from "../base/redis.ts";
import { isObject, jsonIn, type JsonObject } from "../model/json.ts";

/** A command as it was asked. */
export interface FleetCommand {
  readonly id: string;
  readonly name: string;
  readonly argumentsText: string;
}

export interface CommandListOptions {
  readonly redis: RedisConnection;
  /** Before each key; a simulation has one of its own. */
  readonly prefix: string;
  readonly app: string;
}

/** How long a command waits to be taken, and an answer to be read. */
const LIVE_MS = 30_000;

/** KEYS: the list. ARGV: the command, how long it lives in milliseconds. */
const ASK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('RPUSH', KEYS[1], string.format('%.0f', now) .. ' ' .. ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`;

/** KEYS: the list. ARGV: how old a command may be in milliseconds. Answers the oldest that is not too old. */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
while true do
  local entry = redis.call('LPOP', KEYS[1])
  if not entry then return '' end
  local at, command = string.match(entry, '^(%d+) (.*)$')
  if at and now - tonumber(at) <= tonumber(ARGV[1]) then return command end
end
`;

/** Every method throws TransientError and WrongKeyTypeError where Redis does not do it. */
export class CommandList {
  readonly #options: CommandListOptions;

  constructor(options: CommandListOptions) {
    this.#options = options;
  }

  async ask(id: string, name: string, args: JsonObject): Promise<void> {
    const text = JSON.stringify({ id, name, arguments: args });
    await this.#options.redis.evaluate(ASK, [this.#key], [text, String(LIVE_MS)]);
  }

  /** The next command, if there is one that makes sense. */
  async take(): Promise<FleetCommand | undefined> {
    const text = String(await this.#options.redis.evaluate(TAKE, [this.#key], [String(LIVE_MS)]));
    const command = jsonIn(text);
    if (!isObject(command)) return undefined;
    const { arguments: args = {}, id, name } = command;
    if (typeof id !== "string" || !/^[0-9a-f]{16}$/.test(id) || typeof name !== "string") return undefined;
    return { id, name, argumentsText: JSON.stringify(args) };
  }

  async answer(id: string, words: JsonObject): Promise<void> {
    await this.#options.redis.setExpiring(this.#answerKey(id), JSON.stringify(words), LIVE_MS);
  }

  /** The answer to a command; undefined as long as there is none. */
  async answerTo(id: string): Promise<JsonObject | undefined> {
    const answer = jsonIn(await this.#options.redis.get(this.#answerKey(id)) ?? "");
    return isObject(answer) ? answer : undefined;
  }

  get #key(): string {
    return `${this.#options.prefix}traptor:commands:${this.#options.app}`;
  }

  #answerKey(id: string): string {
    return `${this.#options.prefix}traptor:answers:${this.#options.app}:${id}`;
  }
}
