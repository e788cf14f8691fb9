/* Whether a reader pays for each megabyte, or has said that they do. */

/**
 * @param {any} connection navigator.connection, which some browsers have
 * @param {(query: string) => { matches: boolean }} media
 */
export function metered(connection, media) {
  return Boolean(connection?.saveData) || connection?.type === "cellular" || media("(prefers-reduced-data: reduce)").matches;
}
