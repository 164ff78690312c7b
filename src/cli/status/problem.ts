/** Something about a fleet that a person is told. */

export interface Problem {
  /** A name for programs. */
  readonly kind: string;
  /** Whether a person is needed. */
  readonly isRemark: boolean;
  readonly app: string | null;
  readonly instance: string | null;
  readonly what: string;
  /** What to do; empty for a remark that asks for nothing. */
  readonly remedy: string;
}
