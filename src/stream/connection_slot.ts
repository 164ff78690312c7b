/**
 * The app's one slot for a connection, when X says that it is taken: who has it, and whether it may be freed.
 *
 * A connection of ours that has died keeps the slot for minutes. It is known by its id, which is asked for after each
 * connect and remembered beyond the process, or by the second in which it was granted; such a one is closed at X.
 * Somebody else's never is, unless the operator has said so: two collectors would cut each other off for ever.
 *
 * Source: docs.x.com, changelog of 2025-09-19, `GET` and `DELETE /2/connections`.
 */

import type { Clock } from "../base/clock.ts";
import { untilAborted } from "../base/signals.ts";
import { isObject, type JsonValue } from "../model/json.ts";
import { shown } from "../model/outside_text.ts";
import type { Token } from "./token.ts";
import type { Transport } from "./transport.ts";
import { failureOf, networkFailure, XFailure } from "./x_failure.ts";

/** Remembers the id of our connection beyond the process. */
export interface ConnectionMemory {
  /** Undefined when there is none. */
  readonly ownConnection: string | undefined;
  rememberConnection(id: string): void;
  /** X has granted a connection, whose id is not known yet; by X's clock, in milliseconds since 1970. */
  noteGranted?(at: number): void;
}

export interface ConnectionSlotOptions {
  transport: Transport;
  token: Token;
  clock: Clock;
  /** Absent for `--test`. */
  memory: ConnectionMemory | undefined;
  /** Whether somebody else's connection is closed as well. */
  takesOver: boolean;
  /**
   * Where the app may have more than one: the connections that other instances read, which are never closed; undefined
   * where nobody can tell now.
   */
  others?: () => Promise<readonly OthersConnection[] | undefined>;
}

/** What is known of another instance's connection; 0 and empty for what is not. */
export interface OthersConnection {
  readonly connection: string;
  readonly grantedAt: number;
}

/** What came of looking at a taken slot: it is free now, by itself or by us, or who has it, in words. */
export type SlotLook = { readonly freed: "by itself" | "own" | "taken over" } | { readonly holder: string };

interface OpenConnection {
  readonly id: string;
  readonly address: string;
  readonly since: string;
}

const CONNECTIONS = "/2/connections";
/** How long X may take to answer. */
const ANSWER_WITHIN_MS = 10_000;

const SECOND_MS = 1_000;

const OPEN = `${CONNECTIONS}?status=active&endpoints=filtered_stream&max_results=100`;

export class ConnectionSlot {
  readonly #options: ConnectionSlotOptions;
  #own: string | undefined;
  /** When our last connect was granted, by X's clock, to the second. */
  #grantedAt: number | undefined;
  /** What is known of the connection of an instance before this one, which reads it no more. */
  #inherited: { readonly id: string; readonly grantedAt: number } | undefined;

  constructor(options: ConnectionSlotOptions) {
    this.#options = options;
    this.#own = options.memory?.ownConnection;
  }

  /** Another instance had a connection, and reads it no more: X may still take it for open. */
  inherit(connection: { readonly id: string; readonly grantedAt: number }): void {
    this.#inherited = connection;
  }

  /**
   * Nothing is asked of X yet: closes a connection that was inherited, whose id is known. Throws XFailure, and the
   * signal's reason.
   */
  async prepare(signal: AbortSignal): Promise<void> {
    if (this.#inherited === undefined || this.#inherited.id === "") return;
    await this.#close([this.#inherited.id], signal);
    this.#inherited = undefined;
  }

  /** Closes a connection that a dead instance has left behind, beside which ours stands. Throws XFailure. */
  async free({ grantedAt, id }: { readonly id: string; readonly grantedAt: number }, signal: AbortSignal) {
    const open = await this.#openHere(signal);
    const left = open.filter((one) => one.id !== this.#own && (one.id === id || (id === "" && isOf(one, grantedAt))));
    if (left.length === 1) await this.#close([left[0]!.id], signal);
  }

  /**
   * A connection stands, granted at a moment of X's clock: finds out and remembers which it is. Throws XFailure, and the
   * signal's reason.
   */
  async learnOwn(signal: AbortSignal, grantedAt: number): Promise<void> {
    this.#grantedAt = grantedAt;
    this.#inherited = undefined;
    this.#options.memory?.noteGranted?.(grantedAt);
    const open = await this.#openHere(signal);
    const ofThen = this.#options.others ? open.filter((one) => isOf(one, grantedAt)) : open;
    // Of two that were granted in one second nobody knows which is whose.
    if (this.#options.others && ofThen.length > 1) return;
    // Ours is the youngest: it has just begun.
    const own = ofThen.toSorted((one, other) => one.since < other.since ? 1 : -1)[0];
    if (!own) return;
    this.#own = own.id;
    this.#options.memory?.rememberConnection(own.id);
  }

  /**
   * X says that the slot is taken, and no connection of this process stands: looks who has it, and frees it where that may
   * be. Throws XFailure, and the signal's reason.
   */
  async look(signal: AbortSignal): Promise<SlotLook> {
    const open = await this.#openHere(signal);
    const own = open.find((connection) => this.#isOwn(connection));
    if (own) {
      await this.#close([own.id], signal);
      return { freed: "own" };
    }
    const [other] = open;
    if (!other) return { freed: "by itself" };
    if (this.#options.takesOver) {
      await this.#close(open.map(({ id }) => id), signal);
      return { freed: "taken over" };
    }
    const { address, since } = other;
    return { holder: `by a connection from ${shown(address, 60)}, open since ${shown(since, 40)}` };
  }

  /** The open connections that no other instance reads. */
  async #openHere(signal: AbortSignal): Promise<OpenConnection[]> {
    const open = await this.#open(signal);
    if (!this.#options.others) return open;
    const others = await this.#options.others();
    if (!others) throw new XFailure("network", "Redis does not tell which connection another instance reads");
    return open.filter((one) =>
      !others.some(({ connection, grantedAt }) => connection === "" ? isOf(one, grantedAt) : one.id === connection)
    );
  }

  /** Also one that was lost before X could tell its id: nobody else was granted the only slot in that moment. */
  #isOwn({ id, since }: OpenConnection): boolean {
    const began = [this.#grantedAt, this.#inherited?.grantedAt].filter((at) => at !== undefined && at > 0);
    const isOfThen = began.some((at) => Math.abs(Date.parse(since) - at!) < SECOND_MS);
    return id === this.#own || id === this.#inherited?.id || isOfThen;
  }

  async #open(signal: AbortSignal): Promise<OpenConnection[]> {
    const answer = await this.#ask("GET", OPEN, undefined, signal);
    const list = isObject(answer) && Array.isArray(answer["data"]) ? answer["data"] : [];
    return list.flatMap((entry) => {
      if (!isObject(entry) || typeof entry["id"] !== "string") return [];
      if (!String(entry["endpoint_name"]).includes("filtered_stream")) return [];
      const { id, client_ip: address = "an unknown address", connected_at: since = "an unknown time" } = entry;
      return [{ id, address: String(address), since: String(since) }];
    });
  }

  async #close(uuids: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#ask("DELETE", CONNECTIONS, JSON.stringify({ uuids }), signal);
  }

  /** Asks X, which may be mute: nobody waits longer for it than a moment. */
  async #ask(method: string, path: string, body: string | undefined, signal: AbortSignal): Promise<JsonValue> {
    const late = new AbortController();
    const cancel = this.#options.clock.after(ANSWER_WITHIN_MS, () => late.abort());
    const either = AbortSignal.any([signal, late.signal]);
    try {
      return await untilAborted(this.#answer(method, path, body, either), either);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof XFailure) throw error;
      if (late.signal.aborted) throw new XFailure("network", `X did not answer within ${ANSWER_WITHIN_MS / 1000} s`);
      throw networkFailure(error);
    } finally {
      cancel();
    }
  }

  async #answer(method: string, path: string, body: string | undefined, signal: AbortSignal): Promise<JsonValue> {
    const { clock, token, transport } = this.#options;
    const response = await transport.fetch(path, {
      method,
      headers: {
        Authorization: `Bearer ${token.value}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      signal,
      ...(body === undefined ? {} : { body }),
    });
    if (!response.ok) throw await failureOf(response, clock.now());
    return await jsonOf(response);
  }
}

/** What X answered; null when it is no JSON. */
async function jsonOf(response: Response): Promise<JsonValue> {
  try {
    return JSON.parse(await response.text());
  } catch {
    return null;
  }
}

/** Whether a connection was granted at a moment of X's clock, to the second. */
function isOf({ since }: OpenConnection, grantedAt: number): boolean {
  return grantedAt > 0 && Math.abs(Date.parse(since) - grantedAt) < SECOND_MS;
}
