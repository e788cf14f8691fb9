/* Where the scripts under test are, and how a classic script is run by itself. */
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";

const root = new URL("../../../", import.meta.url);

/** A module of the page, by its name. */
export const page = (name) => import(new URL(`book/_ext/livebook/js/src/${name}`, root).href);

/** The names of a script that is no module, run with these globals. */
export function names(path, globals, ...wanted) {
  const code = readFileSync(new URL(path, root), "utf-8");
  return runInNewContext(`${globals.before ?? ""}\n${code}\n;({ ${wanted.join(", ")} })`, globals);
}
