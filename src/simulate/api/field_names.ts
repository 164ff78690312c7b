/** The names that the fields and expansions of a request may have. Source: X's OpenAPI document, version 2.167. */

export const FIELD_NAMES = {
  "tweet.fields": (
    "article attachments author_id card_uri community_id context_annotations conversation_id created_at " +
    "display_text_range edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang " +
    "matched_media_notes media_metadata non_public_metrics note_request_suggestions note_tweet organic_metrics " +
    "paid_partnership possibly_sensitive promoted_metrics public_metrics referenced_tweets reply_settings scopes " +
    "source suggested_source_links suggested_source_links_with_counts text withheld"
  ).split(" "),
  "expansions": (
    "article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet " +
    "attachments.poll_ids author_id edit_history_tweet_ids entities.mentions.username geo.place_id " +
    "in_reply_to_user_id entities.note.mentions.username referenced_tweets.id " +
    "referenced_tweets.id.attachments.media_keys referenced_tweets.id.author_id"
  ).split(" "),
  "media.fields": (
    "alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url promoted_metrics " +
    "public_metrics type url variants width"
  ).split(" "),
  "poll.fields": "duration_minutes end_datetime id options voting_status".split(" "),
  "user.fields": (
    "affiliation confirmed_email connection_status created_at description entities id is_identity_verified location " +
    "most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url protected public_metrics " +
    "receives_your_dm subscription subscription_type url username verified verified_followers_count verified_type " +
    "withheld"
  ).split(" "),
  "place.fields": "contained_within country country_code full_name geo id name place_type".split(" "),
} as const;

export type FieldParameter = keyof typeof FIELD_NAMES;

/** What comes without being asked for. */
export const DEFAULT_FIELDS: Readonly<Record<FieldParameter, readonly string[]>> = {
  "tweet.fields": ["id", "text", "edit_history_tweet_ids"],
  "expansions": [],
  "media.fields": ["media_key", "type"],
  "poll.fields": ["id", "options"],
  "user.fields": ["id", "name", "username"],
  "place.fields": ["id", "full_name"],
};

/** Fields of a tweet that only its author may see; an app's own token gets an error for each. */
export const PRIVATE_FIELDS: readonly string[] = ["non_public_metrics", "organic_metrics", "promoted_metrics"];
