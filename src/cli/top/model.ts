/**
 * What `traptor top` shows, and what keys and news make of it. Pure: a state and an event give the next state.
 */

import type { FleetView } from "../status/fleet_view.ts";
import type { Problem } from "../status/problem.ts";
import type { Key } from "./keys.ts";

/** One rule, as it is shown. */
export interface RuleRow {
  /** What tells it from all others, from look to look. */
  readonly key: string;
  readonly slot: string;
  readonly value: string;
  /** Matches within the window, and how long that is; 0 for a window that nobody keeps. */
  readonly matches: number;
  readonly windowMs: number;
  readonly total: number;
  /** In milliseconds since 1970; undefined where it is not known. */
  readonly lastAt: number | undefined;
  /** Matches a second. */
  readonly rate: number;
}

/** What one look has brought. */
export interface Look {
  readonly view: FleetView;
  readonly problems: readonly Problem[];
  readonly rules: readonly RuleRow[];
}

export const SORTS = ["rate", "total", "value", "last"] as const;

export type Sort = typeof SORTS[number];

export interface TopState {
  /** Undefined before the first look. */
  readonly look: Look | undefined;
  /** Why the last look failed; empty where it did not. What it shows is then older. */
  readonly failure: string;
  /** The rates of each rule at the last looks, the newest last. */
  readonly history: ReadonlyMap<string, readonly number[]>;
  readonly sort: Sort;
  readonly isReversed: boolean;
  /** How many rules are above the first one that is shown. */
  readonly offset: number;
  readonly filter: string;
  /** Whether keys are letters of the filter now. */
  readonly isTyping: boolean;
  readonly isOver: boolean;
}

/** How many looks a graph goes back. */
export const MOST_SAMPLES = 60;
/** The longest text to filter by. */
const MOST_FILTER = 100;

export const BEGINNING: TopState = {
  look: undefined,
  failure: "",
  history: new Map(),
  sort: "rate",
  isReversed: false,
  offset: 0,
  filter: "",
  isTyping: false,
  isOver: false,
};

/** After a look that succeeded. Rules that are gone lose their past. */
export function afterLook(state: TopState, look: Look): TopState {
  const history = new Map(look.rules.map(({ key, rate }) => {
    const samples = [...state.history.get(key) ?? [], rate];
    return [key, samples.slice(-MOST_SAMPLES)];
  }));
  return { ...state, look, history, failure: "" };
}

/** After a look that failed: what was seen before stays, with the reason. */
export function afterFailure(state: TopState, failure: string): TopState {
  return { ...state, failure };
}

/** After a key, where `page` rules have room. */
export function afterKey(state: TopState, key: Key, page: number): TopState {
  if (key.kind === "interrupt") return { ...state, isOver: true };
  return bounded(state.isTyping ? afterTyping(state, key) : afterCommand(bounded(state, page), key, page), page);
}

/** The first rule that is shown, where `page` have room: after the last page there is nothing. */
export function offsetIn(state: TopState, page: number): number {
  return Math.max(0, Math.min(state.offset, rulesShown(state).length - page));
}

/** The rules that the filter lets through, in their order. */
export function rulesShown({ filter, isReversed, look, sort }: TopState): RuleRow[] {
  const wanted = filter.toLowerCase();
  const rules = (look?.rules ?? []).filter(({ slot, value }) => `${slot} ${value}`.toLowerCase().includes(wanted));
  const direction = isReversed ? -1 : 1;
  // Rules that are equal keep one order, so that none jumps about.
  return rules.sort((one, other) => direction * ORDERS[sort](one, other) || byText(one.key, other.key));
}

const ORDERS: Readonly<Record<Sort, (one: RuleRow, other: RuleRow) => number>> = {
  rate: (one, other) => other.rate - one.rate || other.total - one.total,
  total: (one, other) => other.total - one.total,
  value: (one, other) => byText(one.value, other.value),
  last: (one, other) => (other.lastAt ?? 0) - (one.lastAt ?? 0),
};

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function bounded(state: TopState, page: number): TopState {
  return { ...state, offset: offsetIn(state, page) };
}

function afterTyping(state: TopState, key: Key): TopState {
  switch (key.kind) {
    case "character":
      return { ...state, filter: (state.filter + key.character).slice(0, MOST_FILTER), offset: 0 };
    case "backspace":
      return { ...state, filter: [...state.filter].slice(0, -1).join(""), offset: 0 };
    case "enter":
      return { ...state, isTyping: false };
    case "escape":
      return { ...state, isTyping: false, filter: "", offset: 0 };
    default:
      return state;
  }
}

function afterCommand(state: TopState, key: Key, page: number): TopState {
  const by = (rules: number): TopState => ({ ...state, offset: Math.max(0, state.offset + rules) });
  switch (key.kind) {
    case "character":
      return afterCharacter(state, key.character, by);
    case "up":
      return by(-1);
    case "down":
      return by(1);
    case "pageUp":
      return by(-page);
    case "pageDown":
      return by(page);
    case "home":
      return by(-Infinity);
    case "end":
      return by(rulesShown(state).length);
    case "left":
      return cycled(state, -1);
    case "right":
      return cycled(state, 1);
    case "escape":
      return { ...state, filter: "", offset: 0 };
    default:
      return state;
  }
}

function afterCharacter(state: TopState, character: string, by: (rules: number) => TopState): TopState {
  switch (character) {
    case "q":
      return { ...state, isOver: true };
    case "r":
      return sorted(state, "rate");
    case "t":
      return sorted(state, "total");
    case "v":
      return sorted(state, "value");
    case "l":
      return sorted(state, "last");
    case "s":
      return cycled(state, 1);
    case "R":
      return { ...state, isReversed: !state.isReversed, offset: 0 };
    case "/":
      return { ...state, isTyping: true };
    case "j":
      return by(1);
    case "k":
      return by(-1);
    default:
      return state;
  }
}

/** Asked for once more, the same order is turned round. */
function sorted(state: TopState, sort: Sort): TopState {
  return { ...state, sort, isReversed: sort === state.sort && !state.isReversed, offset: 0 };
}

function cycled(state: TopState, step: 1 | -1): TopState {
  const next = (SORTS.indexOf(state.sort) + step + SORTS.length) % SORTS.length;
  return { ...state, sort: SORTS[next]!, isReversed: false, offset: 0 };
}
