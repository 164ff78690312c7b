/** Where an Elasticsearch or OpenSearch is, and how to log in. */

export interface ElasticsearchPlace {
  /** `http://host:9200` or `https://host:9200`, without a user and a password. */
  readonly url: string;
  /** The index, or an alias of one that can be written to. */
  readonly index: string;
  readonly login?: { readonly username: string; readonly password: string };
  /** Certificates in PEM of a private CA. */
  readonly ca?: string;
}

/** The place for people; no secrets. */
export function shownPlace({ index, url }: ElasticsearchPlace): string {
  return `Elasticsearch at ${url}, index ${index}`;
}
