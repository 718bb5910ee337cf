export const LONGEST_NOTE = 4000; // characters, as on the server
export const LONGEST_CALENDAR = 256 * 1024; // as on the server
export const LONGEST_LETTER = 2000;
export const LONGEST_NAME = 60;

/** Counted as the server does: by code points, not by halves of surrogate pairs. */
export function isTooLong(text: string, longest: number): boolean {
  if (text.length <= longest) return false;
  return text.length > 2 * longest || [...text].length > longest;
}

/** Half of a sign, as a broken input or a cut leaves it: no text in UTF-8 can hold it. */
export function isBroken(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/** Whether the server could take it. */
export function isKeepable(text: string, longest: number): boolean {
  return !isTooLong(text, longest) && !isBroken(text);
}
