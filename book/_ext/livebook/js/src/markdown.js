/* Markdown outputs. Formulas are kept from the parser, for which _ and \ mean something else. */
import { marked } from "marked";
import { removeMath, replaceMath } from "@jupyter-widgets/base-manager/lib/latex";

/** @param {string} source */
export async function markdown(source) {
  const { text, math } = removeMath(source);
  return replaceMath(await marked.parse(text), math);
}
