/* Who leads a reader away from a living page: they themselves, and no code that it runs. A refresh in
   displayed HTML and the script of a widget could take along, in an address, what they had on it. */

/**
 * Whether a page may be left for an address.
 * @param {{ cancelable: boolean, userInitiated: boolean, destination: { url: string } }} event
 * @param {string} origin
 */
export function allowed({ cancelable, userInitiated, destination }, origin) {
  return !cancelable || userInitiated || new URL(destination.url).origin === origin;
}

/* Where the browser asks before it leaves. */
export function guard() {
  const { navigation } = /** @type {any} */ (globalThis);
  navigation?.addEventListener("navigate", (/** @type {any} */ event) => {
    if (!allowed(event, location.origin)) event.preventDefault();
  });
}
