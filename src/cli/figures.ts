/** Times and numbers as the commands show them. */

/** `2026-11-23T10:00:00.000Z`, for programs. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** `2026-11-23 10:00`, for people; with seconds where they are not 0. */
export function moment(at: number): string {
  return new Date(at).toISOString().slice(0, at % 60_000 === 0 ? 16 : 19).replace("T", " ");
}

/** `1,234`. */
export function figure(count: number): string {
  return count.toLocaleString("en");
}

/** `1 rule`, `2 rules`; `many` where an s is not enough. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${figure(count)} ${count === 1 ? one : many}`;
}
