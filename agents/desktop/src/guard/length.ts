export const LONGEST_NOTE = 4000; // characters, as on the server
export const LONGEST_LETTER = 2000;
export const LONGEST_NAME = 60;

/** Counted as the server does: by code points, not by halves of surrogate pairs. */
export function isTooLong(text: string, longest: number): boolean {
  if (text.length <= longest) return false;
  return text.length > 2 * longest || [...text].length > longest;
}
