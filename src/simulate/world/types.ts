/**
 * Objects of X's API v2, as far as the simulator makes them. Member names are X's.
 * Source: docs.x.com, Data dictionary.
 */

export interface User {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly created_at: string;
  readonly description: string;
  readonly location?: string;
  readonly url?: string;
  readonly profile_image_url: string;
  readonly protected: boolean;
  readonly public_metrics: {
    readonly followers_count: number;
    readonly following_count: number;
    readonly tweet_count: number;
    readonly listed_count: number;
    readonly like_count: number;
  };
  readonly verified: boolean;
  readonly verified_type: string;
}

export interface Place {
  readonly id: string;
  readonly full_name: string;
  readonly name: string;
  readonly country: string;
  readonly country_code: string;
  readonly place_type: string;
  readonly geo: {
    readonly type: "Feature";
    /** West, south, east, north, in degrees. */
    readonly bbox: readonly [number, number, number, number];
    readonly properties: Readonly<Record<string, never>>;
  };
}

export interface Media {
  readonly media_key: string;
  readonly type: "photo" | "video" | "animated_gif";
  readonly url?: string;
  readonly preview_image_url?: string;
  readonly duration_ms?: number;
  readonly height: number;
  readonly width: number;
  readonly alt_text?: string;
}

export interface Poll {
  readonly id: string;
  readonly options: readonly { readonly position: number; readonly label: string; readonly votes: number }[];
  readonly duration_minutes: number;
  readonly end_datetime: string;
  readonly voting_status: "open";
}

export interface UrlEntity {
  readonly start: number;
  readonly end: number;
  readonly url: string;
  readonly expanded_url: string;
  readonly display_url: string;
  readonly media_key?: string;
  readonly status?: number;
  readonly title?: string;
  readonly description?: string;
  readonly unwound_url?: string;
}

/** A link as a tweet carries it: shortened, with what it stands for. */
export type Link = Omit<UrlEntity, "start" | "end">;

/** A piece of a text: plain, or something that becomes an entity. */
export type Piece =
  | string
  | { readonly hashtag: string }
  | { readonly cashtag: string }
  | { readonly mention: User }
  | { readonly link: Link };

export interface Entities {
  urls?: UrlEntity[];
  hashtags?: { start: number; end: number; tag: string }[];
  cashtags?: { start: number; end: number; tag: string }[];
  mentions?: { start: number; end: number; username: string; id: string }[];
}

export interface Tweet {
  readonly id: string;
  readonly text: string;
  readonly edit_history_tweet_ids: readonly string[];
  readonly author_id: string;
  readonly created_at: string;
  readonly conversation_id: string;
  readonly lang: string;
  readonly possibly_sensitive: boolean;
  readonly reply_settings: string;
  readonly source: string;
  readonly public_metrics: Readonly<Record<string, number>>;
  readonly edit_controls: {
    readonly edits_remaining: number;
    readonly is_edit_eligible: boolean;
    readonly editable_until: string;
  };
  readonly in_reply_to_user_id?: string;
  readonly referenced_tweets?: readonly {
    readonly type: "retweeted" | "quoted" | "replied_to";
    readonly id: string;
  }[];
  readonly entities?: Entities;
  readonly attachments?: { readonly media_keys?: readonly string[]; readonly poll_ids?: readonly string[] };
  readonly geo?: {
    readonly place_id?: string;
    readonly coordinates?: { readonly type: "Point"; readonly coordinates: readonly [number, number] };
  };
  readonly note_tweet?: { readonly text: string; readonly entities?: Entities };
  readonly context_annotations?: readonly {
    readonly domain: { readonly id: string; readonly name: string };
    readonly entity: { readonly id: string; readonly name: string };
  }[];
}

/** A tweet of the world with all that X would know about it. */
export interface WorldTweet {
  readonly tweet: Tweet;
  readonly author: User;
  readonly mentioned: readonly User[];
  readonly repliedTo: User | undefined;
  readonly retweeted: WorldTweet | undefined;
  readonly quoted: WorldTweet | undefined;
  /** The tweet that this one answers, when X can still show it. */
  readonly answered: WorldTweet | undefined;
  readonly place: Place | undefined;
  readonly media: readonly Media[];
  readonly poll: Poll | undefined;
  /** The whole text, without X's escapes: what rules are matched on. */
  readonly plainText: string;
  /** What the text is written from; a retweet repeats it. */
  readonly pieces: readonly Piece[];
}
