/* What is called in a line of Python, and whether its parenthesis is still open. */

/**
 * The name that is called where a parenthesis has just been opened.
 * @param {string} before
 */
export const called = (before) => /(?:^|[^\p{L}\p{N}_.])([\p{L}_][\p{L}\p{N}_.]*)\($/u.exec(before)?.[1] ?? null;

/**
 * Whether the parenthesis that code begins with is still open at its end.
 * @param {string} code
 */
export function open(code) {
  let depth = 0;
  for (const letter of code) {
    if ("([{".includes(letter)) depth += 1;
    if (")]}".includes(letter)) depth -= 1;
    if (depth <= 0) return false;
  }
  return depth > 0;
}
