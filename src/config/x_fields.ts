/**
 * The fields and expansions that X's filtered stream knows.
 * Source: X's OpenAPI document, version 2.167, GET /2/tweets/search/stream.
 */

/** Private to the author of a tweet: an app-only token gets an error for them. */
export const PRIVATE_FIELDS = ["non_public_metrics", "organic_metrics", "promoted_metrics"] as const;

export const TWEET_FIELD_NAMES = [
  ...["article", "attachments", "author_id", "card_uri", "community_id", "context_annotations", "conversation_id"],
  ...["created_at", "display_text_range", "edit_controls", "edit_history_tweet_ids", "entities", "geo", "id"],
  ...["in_reply_to_user_id", "lang", "matched_media_notes", "media_metadata", "note_request_suggestions", "note_tweet"],
  ...["paid_partnership", "possibly_sensitive", "public_metrics", "referenced_tweets", "reply_settings", "scopes"],
  ...["source", "suggested_source_links", "suggested_source_links_with_counts", "text", "withheld"],
] as const;

export const EXPANSION_NAMES = [
  ...["article.cover_media", "article.media_entities", "attachments.media_keys", "attachments.media_source_tweet"],
  ...["attachments.poll_ids", "author_id", "edit_history_tweet_ids", "entities.mentions.username", "geo.place_id"],
  ...["in_reply_to_user_id", "entities.note.mentions.username", "referenced_tweets.id"],
  ...["referenced_tweets.id.attachments.media_keys", "referenced_tweets.id.author_id"],
] as const;

export const USER_FIELD_NAMES = [
  ...["affiliation", "confirmed_email", "connection_status", "created_at", "description", "entities", "id"],
  ...["is_identity_verified", "location", "most_recent_tweet_id", "name", "parody", "pinned_tweet_id"],
  ...["profile_banner_url", "profile_image_url", "protected", "public_metrics", "receives_your_dm", "subscription"],
  ...["subscription_type", "url", "username", "verified", "verified_followers_count", "verified_type", "withheld"],
] as const;

export const MEDIA_FIELD_NAMES = [
  ...["alt_text", "duration_ms", "height", "media_key", "preview_image_url", "public_metrics", "type", "url"],
  ...["variants", "width"],
] as const;

export const PLACE_FIELD_NAMES = [
  ...["contained_within", "country", "country_code", "full_name", "geo", "id", "name", "place_type"],
] as const;
