/**
 * What the index of tweets is like, as a composable index template for Elasticsearch 7.8 and later and OpenSearch. It
 * counts for indices that are made after it: `INDEX`, and `INDEX-...` for those who roll over behind an alias.
 *
 * Ids are keywords, for as numbers they would be rounded. Texts are cut into words as Unicode does, and Chinese, Japanese
 * and Korean ones into pairs of characters, by what both servers have without plugins. Only what is named here is
 * indexed: the record itself is kept and never looked into, so whatever X adds cannot make the index grow fields.
 */

import type { JsonObject } from "../model/json.ts";

/** Grows with every change below; a template of a later version is left alone. */
export const TEMPLATE_VERSION = 1;

/** By what a template is known to be ours. */
export const MADE_BY = "traptor";

const KEYWORD: JsonObject = { type: "keyword", ignore_above: 8_191 };
const NAME: JsonObject = { ...KEYWORD, normalizer: "any_case" };

/** The name of the template for an index. */
export function templateName(index: string): string {
  return `traptor-${index}`;
}

export function indexTemplate(index: string): JsonObject {
  return {
    index_patterns: [index, `${index}-*`],
    priority: 100,
    version: TEMPLATE_VERSION,
    _meta: { made_by: MADE_BY },
    template: {
      settings: {
        // A single machine has no place for a copy, and would stay yellow for the want of it.
        auto_expand_replicas: "0-1",
        analysis: {
          analyzer: {
            tweet_text: { type: "custom", tokenizer: "standard", filter: ["cjk_width", "lowercase", "cjk_bigram"] },
          },
          normalizer: { any_case: { type: "custom", filter: ["lowercase"] } },
        },
      },
      mappings: {
        dynamic: false,
        properties: {
          created_at: { type: "date" },
          collected_at: { type: "date" },
          author_id: KEYWORD,
          author_username: NAME,
          text: { type: "text", analyzer: "tweet_text" },
          lang: KEYWORD,
          rules: { properties: { tag: KEYWORD, value: KEYWORD } },
          provenance: KEYWORD,
          conversation_id: KEYWORD,
          retweeted_id: KEYWORD,
          quoted_id: KEYWORD,
          replied_to_id: KEYWORD,
          hashtags: NAME,
          mentions: NAME,
          urls: KEYWORD,
          place: {
            properties: {
              id: KEYWORD,
              name: KEYWORD,
              country_code: KEYWORD,
              area: { type: "geo_shape", ignore_malformed: true },
            },
          },
          point: { type: "geo_point", ignore_malformed: true },
          record: { type: "object", enabled: false },
        },
      },
    },
  };
}
