/** What a command is. One file a command; `cli.ts` lists those that work. */

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The commands that this one is made of: `traptor rules list`. */
  readonly parts?: readonly Command[];
  /** The whole help, made when it is asked for. */
  help(): string;
  /** Runs with the arguments after the command's name; answers with the exit code, or throws what `showError` shows. */
  run(args: readonly string[]): Promise<number>;
}
