/* Whether Python costs nothing: all its files are on the device, so it may start before it is asked. */
import { OWN, closure, needed, sent } from "./packages.js";

/**
 * @param {URL} root of the page's scripts
 * @param {string[]} imports of the cells that will run
 * @param {{ match: (address: string) => Promise<Response | undefined> } | undefined} store the browser's caches
 */
export async function kept(root, imports, store) {
  const manifest = await read(new URL("manifest.json", root), store);
  const pyodide = manifest?.pyodide;
  if (!pyodide || pyodide.elsewhere) return false;
  const lock = await read(new URL(manifest.lock, root), store);
  if (!lock) return false;
  const packages = closure([...manifest.core, ...needed(manifest.imports, imports)], lock);
  const base = new URL(pyodide.base, root);
  for (const file of sent(manifest.packs ?? [], [...OWN, ...packages])) {
    if (!(await store?.match(new URL(file, base).href))) return false;
  }
  return true;
}

/**
 * @param {URL} address
 * @param {{ match: (address: string) => Promise<Response | undefined> } | undefined} store
 */
async function read(address, store) {
  const answer = await store?.match(address.href).catch(() => undefined);
  return answer?.json();
}
