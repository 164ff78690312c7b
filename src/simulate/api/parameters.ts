/** Reads the parameters of a request, and refuses what X does not know in X's words. */

import type { PlainAnswer } from "../http/answer.ts";
import { DEFAULT_FIELDS, FIELD_NAMES, type FieldParameter } from "./field_names.ts";
import { invalidRequests } from "./problems.ts";

/** What a request wants to see, defaults included. */
export type Selection = Readonly<Record<FieldParameter, readonly string[]>>;

export type Refusable<T> = { readonly value: T; readonly refusal?: undefined } | { readonly refusal: PlainAnswer };

export const FIELD_PARAMETERS = Object.keys(FIELD_NAMES) as readonly FieldParameter[];

/** Reads the fields and expansions; parameters other than these and `others` are refused. */
export function readSelection(query: URLSearchParams, others: readonly string[] = []): Refusable<Selection> {
  const errors: { parameters: Record<string, string[]>; message: string }[] = [];
  const known = [...FIELD_PARAMETERS, ...others];
  for (const name of new Set(query.keys())) {
    if (known.includes(name)) continue;
    const message = `The query parameter [${name}] is not one of [${known.join(",")}]`;
    errors.push({ parameters: { [name]: query.getAll(name) }, message });
  }
  const selection = { ...DEFAULT_FIELDS };
  for (const parameter of FIELD_PARAMETERS) {
    const asked = query.getAll(parameter).flatMap((value) => value.split(",")).filter((value) => value !== "");
    const names: readonly string[] = FIELD_NAMES[parameter];
    for (const value of asked.filter((value) => !names.includes(value))) {
      const message = `The \`${parameter}\` query parameter value [${value}] is not one of [${names.join(",")}]`;
      errors.push({ parameters: { [parameter]: [value] }, message });
    }
    selection[parameter] = [...new Set([...DEFAULT_FIELDS[parameter], ...asked])];
  }
  return errors.length > 0 ? { refusal: invalidRequests(errors) } : { value: selection };
}

/** A whole number within bounds; `fallback` when it is not given. */
export function readNumber(
  query: URLSearchParams,
  name: string,
  { least, most, fallback }: { least: number; most: number; fallback: number },
): Refusable<number> {
  const text = query.get(name);
  if (text === null) return { value: fallback };
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return { value };
  const message = `The \`${name}\` query parameter value [${text}] is not between ${least} and ${most}`;
  return { refusal: invalidRequests([{ parameters: { [name]: [text] }, message }]) };
}

/** A list with commas; empty when it is not given. */
export function readList(query: URLSearchParams, name: string): string[] {
  return (query.get(name) ?? "").split(",").filter((value) => value !== "");
}
