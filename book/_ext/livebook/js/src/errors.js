/* What went wrong, in a sentence that a reader can use. */

/** An error whose message is such a sentence. */
export class Told extends Error {
  told = true;      // a field, because it is asked of errors that another bundle made
}

/** Python was ended on purpose. */
export class Stopped extends Error {
  stopped = true;
}

/**
 * One plain sentence about what went wrong, and why.
 * @param {any} error
 * @param {string} what went wrong
 */
export function explain(error, what = "Python could not start in this browser") {
  const said = String(error?.message ?? error);
  if (/memory/i.test(said)) return "There is not enough memory free for Python on this page.";
  if (error?.told) return said;
  const reason = said.trim().split("\n")[0].slice(0, 160);
  return reason ? `${what} (${reason}).` : `${what}.`;
}

/**
 * What a host has to allow, whose policy is stricter than the book's own.
 * @param {string} needed
 */
export function forbidden(needed) {
  return `The host of this page does not let it run Python: the policy that it sends, Content-Security-Policy, needs ${needed}.`;
}
