/* Which packages code needs, and which files they are. */

/** Pyodide's own files, its scripts first. */
export const OWN = ["pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"];

/**
 * The packages behind imports: matplotlib for matplotlib.pyplot.
 * @param {Record<string, string[]>} table packages by what code imports
 * @param {string[]} imports
 */
export function needed(table, imports) {
  const found = Object.entries(table)
    .filter(([module]) => imports.some((name) => name === module || name.startsWith(`${module}.`)))
    .flatMap(([, packages]) => packages);
  return [...new Set(found)];
}

/**
 * The files that bring these: packs for what is in packs.
 * @param {import("./protocol").Pack[]} packs
 * @param {string[]} files
 */
export function sent(packs, files) {
  const inside = new Set(packs.flatMap(({ parts }) => parts.map(({ name }) => name)));
  return [...packs.map(({ file }) => file), ...files.filter((file) => !inside.has(file))];
}

/**
 * The files of packages and of all that they depend on.
 * @param {string[]} packages
 * @param {import("./protocol").Lock} lock
 */
export function closure(packages, lock) {
  /** @type {Map<string, string>} */
  const all = new Map();
  /** @param {string} name */
  const add = (name) => {
    const entry = lock.packages[name.toLowerCase().replaceAll("_", "-")] ?? lock.packages[name];
    if (!entry || all.has(entry.name)) return;
    all.set(entry.name, entry.file_name);
    entry.depends.forEach(add);
  };
  packages.forEach(add);
  return [...all.values()].map((file) => file.split("/").pop() ?? file);
}
