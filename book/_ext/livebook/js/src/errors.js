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
 * One plain sentence about why Python could not start.
 * @param {any} error
 */
export function explain(error) {
  const said = String(error?.message ?? error);
  if (/memory/i.test(said)) return "There is not enough memory free for Python on this page.";
  if (error?.told) return said;
  return `Python could not start in this browser (${said.split("\n")[0].slice(0, 160)}).`;
}
