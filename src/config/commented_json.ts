/**
 * JSON with comments: `//` and `/* *\/` outside strings, and commas before a closing bracket, are blanked out in place,
 * so that a line and column in an error are those of the file.
 */

/** Outside a string: a whole string to keep, a comment, or a comma that closes nothing but white space and comments. */
const TOKEN = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|,(?=(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*[}\]])/g;

/** The value of JSON with comments. Throws SyntaxError whose message names line and column where they are known. */
export function parseCommentedJson(source: string): unknown {
  const text = source.replace(/^\ufeff/, " ");
  const blanked = text.replace(TOKEN, (token) => token.startsWith('"') ? token : token.replace(/[^\n]/g, " "));
  try {
    return JSON.parse(blanked);
  } catch (error) {
    // The engine's words quote the file, which may hold secrets: only the place is told.
    const place = /line (\d+) column (\d+)/.exec((error as Error).message);
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    const [line, column] = place ? [place[1], place[2]] : placeOf(blanked, position);
    throw new SyntaxError(line === undefined ? "it is no JSON" : `it is no JSON at line ${line}, column ${column}`);
  }
}

function placeOf(text: string, position: string | undefined): [string, string] | [undefined, undefined] {
  // Without a position the text ended too early.
  const before = text.slice(0, position === undefined ? text.length : Number(position)).split("\n");
  return [String(before.length), String(before.at(-1)!.length + 1)];
}
