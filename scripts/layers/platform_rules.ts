/**
 * The rules about the platform: the environment, the console, clocks, chance and the end of the process belong to a
 * few files each (`table.ts`).
 *
 * @module
 */
import type { Finding, SourceFile } from "./source_file.ts";
import { RESERVED, type Reserved } from "./table.ts";
import type { Token } from "./tokens.ts";

const GLOBAL_OBJECTS = ["globalThis", "self", "window"];

/** Uses of reserved names and modules outside the files they belong to. */
export function reservedUses(file: SourceFile): Finding[] {
  const reserved = RESERVED.filter(({ allowedIn }) =>
    !allowedIn.some((place) => place.endsWith("/") ? file.path.startsWith(place) : file.path === place)
  );
  return reserved.flatMap((rule) => [...importedUses(file, rule), ...namedUses(file, rule)]);
}

function importedUses(file: SourceFile, rule: Reserved): Finding[] {
  return file.imports
    .filter(({ specifier }) => rule.specifiers.includes(specifier))
    .map(({ specifier, line }) => finding(file, line, specifier, rule));
}

function namedUses(file: SourceFile, rule: Reserved): Finding[] {
  return file.tokens.flatMap((token, index) => {
    if (token.kind !== "word" || !isGlobal(file.tokens, index)) return [];
    const name = rule.names.find((name) => isUse(file.tokens, index, name));
    return name === undefined ? [] : [finding(file, token.line, name, rule)];
  });
}

/** A name after a dot is somebody's member, unless that somebody is the global object. */
function isGlobal(tokens: readonly Token[], index: number): boolean {
  const [before, owner] = [tokens[index - 1], tokens[index - 2]];
  if (before?.text === "." || before?.text === "?") return GLOBAL_OBJECTS.includes(owner?.text ?? "");
  return before?.text !== "function" && before?.text !== "#";
}

function isUse(tokens: readonly Token[], index: number, name: string): boolean {
  const text = (offset: number): string => tokens[index + offset]?.text ?? "";
  const kind = tokens[index + 1]?.kind;
  if (name.endsWith("()")) {
    if (text(0) !== name.slice(0, -2)) return false;
    const isCall = text(1) === "(" && text(2) === ")";
    return isCall || (text(-1) === "new" && text(1) !== "(" && text(1) !== ".");
  }
  const [object, member] = name.split(".");
  if (text(0) !== object) return false;
  if (member !== undefined) {
    const isDotted = text(1) === "." && text(2) === member;
    const isOptional = text(1) === "?" && text(2) === "." && text(3) === member;
    return isDotted || isOptional || (text(1) === "[" && text(2) === member) || isPickedOut(tokens, index, member);
  }
  // `name:` is a member of an object or a type, `name?:` too: nobody's use of the global.
  return !(kind === "punctuation" && (text(1) === ":" || (text(1) === "?" && text(2) === ":")));
}

/** `const { member } = object` is a use as well. */
function isPickedOut(tokens: readonly Token[], index: number, member: string): boolean {
  if (tokens[index - 1]?.text !== "=" || tokens[index - 2]?.text !== "}") return false;
  for (let at = index - 3; at >= 0 && tokens[at]?.text !== "{"; at -= 1) {
    if (tokens[at]?.text === member) return true;
  }
  return false;
}

function finding(file: SourceFile, line: number, name: string, rule: Reserved): Finding {
  return { path: file.path, line, message: `${name}: only ${rule.allowedIn.join(", ")} may use ${rule.what}` };
}
