/** Passwords inside URLs, which are settings like others but for that. */

/** Whether a text is a URL with a password inside. */
export function passwordIn(text: string): boolean {
  return (URL.parse(text)?.password ?? "") !== "";
}

/** The text with `***` for a password that is inside it as a URL. */
export function withoutPassword(text: string): string {
  const url = URL.parse(text);
  if (!url || url.password === "") return text;
  url.password = "***";
  return url.toString();
}
