/** What a picture is made of. */

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A line, and what it is for: the terminal shows each kind in its own way. */
export interface FrameLine {
  readonly text: string;
  readonly kind: "plain" | "strong" | "bar";
}
