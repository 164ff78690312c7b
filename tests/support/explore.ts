/**
 * A small model, explored breadth first: every state that can be reached, until one is wrong or none is new.
 *
 * @module
 */

/** A model with states of one kind. */
export interface Model<State> {
  readonly first: State;
  /** Two states with one key are the same. */
  key(state: State): string;
  /** Calls back with every state that may follow, and the step that leads there. */
  next(state: State, found: (step: string, state: State) => void): void;
  /** What is wrong with a state; undefined for nothing. */
  wrong(state: State): string | undefined;
}

/** What was found. */
export interface Exploration {
  readonly states: number;
  /** Steps from the first state to the farthest of those that were reached. */
  readonly depth: number;
  /** Whether no state was left unexplored. */
  readonly isWhole: boolean;
  /** The shortest way to a wrong state, a step a line; undefined where there is none. */
  readonly counterexample: string | undefined;
}

/** Explores a model to a depth, or to its end. */
export function explore<State>(model: Model<State>, { depth = Infinity } = {}): Exploration {
  const known = new Set([model.key(model.first)]);
  const parents = [-1];
  const steps = [""];
  let frontier: [number, State][] = [[0, model.first]];
  let reached = 0;
  let wrong: string | undefined;
  const follow = (parent: number, step: string, state: State, into: [number, State][]) => {
    const key = model.key(state);
    if (known.has(key)) return;
    const index = parents.length;
    known.add(key);
    parents.push(parent);
    steps.push(step);
    into.push([index, state]);
    const what = model.wrong(state);
    if (what !== undefined) wrong ??= trace(index, parents, steps, what);
  };
  while (frontier.length > 0 && reached < depth && wrong === undefined) {
    const further: [number, State][] = [];
    for (const [index, state] of frontier) {
      model.next(state, (step, next) => follow(index, step, next, further));
      if (wrong !== undefined) break;
    }
    if (further.length > 0) reached++;
    frontier = further;
  }
  return { states: parents.length, depth: reached, isWhole: frontier.length === 0, counterexample: wrong };
}

function trace(index: number, parents: readonly number[], steps: readonly string[], what: string): string {
  const lines: string[] = [];
  for (let at = index; at > 0; at = parents[at]!) lines.unshift(steps[at]!);
  return [...lines.map((line, number) => `${String(number + 1).padStart(3)}. ${line}`), `     ${what}`].join("\n");
}
