/**
 * Asks an Elasticsearch or OpenSearch, over HTTP. The login goes to the place alone: redirects are not followed, and
 * neither an answer's words nor an error holds it.
 */

import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import { untilAborted } from "../base/signals.ts";
import { isObject, type JsonObject, type JsonValue } from "../model/json.ts";
import { shown } from "../model/outside_text.ts";
import type { ElasticsearchPlace } from "./elasticsearch_place.ts";

/** What was answered. */
export interface Answer {
  readonly status: number;
  /** Empty when it is no JSON object. */
  readonly body: JsonObject;
  /** How long the server wants to be left alone. */
  readonly retryAfterMs: number | undefined;
}

export interface Question {
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  /** Begins with a slash. */
  readonly path: string;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  /** `application/json` unless given. */
  readonly contentType?: string;
}

/** The longest wait for a whole answer. */
const ANSWER_WITHIN_MS = 60_000;

/** How much of the server's words is repeated, in UTF-16 units. */
const MOST_WORDS = 300;

export class ElasticsearchClient {
  readonly #place: ElasticsearchPlace;
  readonly #clock: Clock;
  #client: Deno.HttpClient | undefined;

  constructor(place: ElasticsearchPlace, clock: Clock) {
    this.#place = place;
    this.#clock = clock;
  }

  /** Asks, and reads the whole answer. Throws TransientError when there is none, and the signal's reason. */
  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const late = new AbortController();
    const cancel = this.#clock.after(ANSWER_WITHIN_MS, () => late.abort());
    const either = AbortSignal.any([signal, late.signal]);
    try {
      return await untilAborted(this.#request(question, either), either);
    } catch (error) {
      signal.throwIfAborted();
      const words = late.signal.aborted ? `no answer for ${ANSWER_WITHIN_MS / 1000} s` : innermostWords(error);
      throw new TransientError(`${this.#where} does not answer: ${words}`, { cause: error });
    } finally {
      cancel();
    }
  }

  /** What an answer that is not as it should be means. */
  failure(answer: Answer): TransientError {
    const { retryAfterMs, status } = answer;
    return new TransientError(this.#wordsFor(answer), {
      ...(retryAfterMs !== undefined && status !== 401 ? { retryAfterMs } : {}),
    });
  }

  /** May be called twice. */
  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  get #where(): string {
    return `Elasticsearch at ${this.#place.url}`;
  }

  async #request({ body, contentType, method, path }: Question, signal: AbortSignal): Promise<Answer> {
    const { ca, login, url } = this.#place;
    this.#client ??= Deno.createHttpClient(ca === undefined ? {} : { caCerts: [ca] });
    const headers = new Headers({ Accept: "application/json" });
    if (body !== undefined) headers.set("Content-Type", contentType ?? "application/json");
    if (login) headers.set("Authorization", basic(login.username, login.password));
    const response = await fetch(url + path, {
      method,
      headers,
      redirect: "manual",
      signal,
      client: this.#client,
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text), retryAfterMs: waitIn(response) };
  }

  #wordsFor({ body, status }: Answer): string {
    const reason = reasonIn(body["error"]);
    const said = reason === undefined ? "" : `: ${reason}`;
    if (status === 401) {
      return this.#place.login
        ? `${this.#where} refuses the login: check the user and the password in TRAPTOR_SINK`
        : `${this.#where} wants a login: TRAPTOR_SINK takes a user and a password in its URL`;
    }
    if (status === 403) return `${this.#where} does not allow this, or not to this user${said}`;
    if (status === 200) return `what answers at ${this.#place.url} is no Elasticsearch`;
    return `${this.#where} answers ${status}${said}`;
  }
}

/** The server's words in an error of its; undefined when it has none. */
export function reasonIn(error: JsonValue | undefined): string | undefined {
  if (typeof error === "string") return shown(error, MOST_WORDS);
  if (!isObject(error)) return undefined;
  const cause = isObject(error["caused_by"]) ? error["caused_by"]["reason"] : undefined;
  const words = [error["reason"], cause].filter((text) => typeof text === "string" && text !== "");
  return words.length > 0 ? shown(words.join(": "), MOST_WORDS) : undefined;
}

function basic(username: string, password: string): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function parsed(text: string): JsonObject {
  try {
    const value: JsonValue = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** In seconds; the form with a date is not used by these servers. */
function waitIn({ headers }: Response): number | undefined {
  const seconds = Number(headers.get("Retry-After") ?? NaN);
  return seconds >= 0 ? seconds * 1000 : undefined;
}

/** The runtime wraps what happened; the address is already told. */
function innermostWords(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  return innermost instanceof Error ? innermost.message.replace(/ \(os error \d+\)/, "") : String(innermost);
}
