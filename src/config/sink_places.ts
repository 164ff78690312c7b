/**
 * Where tweets go, as `TRAPTOR_SINK` names it: places with commas, each kind once. A comma inside a URL, or inside its
 * password, is written as `%2C`.
 */

import { isLoopback } from "./loopback.ts";
import { type Parser, parts, path, SettingFault, url } from "./parsers.ts";

/** An Elasticsearch or OpenSearch. */
export interface ElasticsearchPlace {
  /** Without a user, a password and a path. */
  readonly url: string;
  readonly index: string;
  readonly login?: { readonly username: string; readonly password: string };
}

/** A sink to deliver to. */
export type SinkPlace =
  | { readonly kind: "kafka" }
  | { readonly kind: "stdout" }
  | { readonly kind: "file"; readonly directory: string }
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "elasticsearch"; readonly place: ElasticsearchPlace };

const DEFAULT_INDEX = "tweets";

/** What Elasticsearch and OpenSearch allow in the name of an index, as far as a URL can hold it. */
const INDEX = /^[a-z0-9][a-z0-9_.-]{0,199}$/;

export const sinkPlaces: Parser<SinkPlace[]> = (value) => {
  const places = parts(value).map(sinkPlace);
  if (places.length === 0) throw new SettingFault("it names no sink");
  if (new Set(places.map((place) => place.kind)).size < places.length) {
    throw new SettingFault("it names a kind of sink twice");
  }
  return places;
};

function sinkPlace(word: string): SinkPlace {
  if (word === "kafka" || word === "stdout") return { kind: word };
  const [, kind, where = ""] = /^(file|sqlite|elasticsearch):(.+)$/.exec(word) ?? [];
  switch (kind) {
    case "file":
      return { kind, directory: path(where) };
    case "sqlite":
      return { kind, path: path(where) };
    case "elasticsearch":
      return { kind, place: elasticsearchPlace(where) };
    default:
      throw new SettingFault("it names a sink that is none of kafka, stdout, file:DIR, sqlite:PATH, elasticsearch:URL");
  }
}

function elasticsearchPlace(value: string): ElasticsearchPlace {
  const { hostname, origin, password, pathname, protocol, username } = new URL(url("https", "http")(value));
  const index = pathname.slice(1);
  if (index !== "" && !INDEX.test(index)) {
    throw new SettingFault("what follows the host in elasticsearch:URL is no name of an index");
  }
  if ((username === "") !== (password === "")) {
    throw new SettingFault("a user and a password in elasticsearch:URL are of no use without each other");
  }
  if (password !== "" && protocol === "http:" && !isLoopback(hostname)) {
    throw new SettingFault("the password would travel unencrypted: http is for this machine alone, use https");
  }
  return {
    url: origin,
    index: index === "" ? DEFAULT_INDEX : index,
    ...(password === "" ? {} : { login: { username: decoded(username), password: decoded(password) } }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SettingFault("a % in the user or the password of elasticsearch:URL is written as %25");
  }
}
