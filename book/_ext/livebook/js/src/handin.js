/* The reader's own work: answers in words, and the page's notebook with everything they changed. */
import { element } from "./dom.js";
import { Told } from "./errors.js";

/** @typedef {import("./live.js").Page} Page */

/**
 * An exercise asks for words too: the line that holds their place becomes a field.
 * @param {Element} article
 * @param {string} blank that line
 * @returns {HTMLTextAreaElement[]}
 */
export function answerFields(article, blank) {
  const lines = [...article.querySelectorAll("p")].filter((p) => p.textContent?.trim() === blank);
  return lines.map((line, index) => {
    const label = lines.length > 1 ? `Your answer in words, ${index + 1}` : "Your answer in words";
    const field = element("textarea", { class: "live-answer", rows: 6, "aria-label": label, placeholder: blank });
    line.replaceWith(field);
    return field;
  });
}

/**
 * All that the reader has written, to tell whether it was taken away.
 * @param {Page} page
 */
export function work(page) {
  return JSON.stringify([page.cells.map((cell) => cell.code), page.answers.map((field) => field.value.trim())]);
}

/**
 * The page's notebook as a file, with the reader's code and words in it.
 * @param {Page} page
 */
export async function download(page) {
  const address = new URL(page.settings.notebook, location.href);
  const answer = await fetch(address).catch((error) => ({ ok: false, status: error.message, json: async () => null }));
  if (!answer.ok) throw new Told(`The notebook ${address.pathname} could not be had (${answer.status}).`);
  const words = page.answers.map((field) => field.value);
  const notebook = fill(await answer.json(), page.cells, words, page.settings.answer);
  const file = new Blob([`${JSON.stringify(notebook, null, 1)}\n`], { type: "application/x-ipynb+json" });
  const link = element("a", { href: URL.createObjectURL(file), download: address.pathname.split("/").at(-1) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * Cells of the page and of the notebook are matched by the book's code, in order: the page leaves
 * some out. What ran here is not stored: outputs of changed cells go, since they belong to other code.
 * @param {any} notebook
 * @param {{ book: string, code: string, number: number }[]} cells
 * @param {string[]} words
 * @param {string} [blank] the line that they stand in place of
 */
export function fill(notebook, cells, words, blank) {
  const own = [...cells];
  const answers = [...words];
  for (const cell of notebook.cells) {
    const source = [cell.source].flat().join("");
    if (cell.cell_type === "markdown" && blank && source.includes(blank)) {
      const written = answers.shift()?.trim();
      if (written) cell.source = written;
    }
    if (cell.cell_type !== "code" || own[0]?.book.trim() !== source.trim()) continue;
    const [{ book, code }] = own.splice(0, 1);
    if (code === book) continue;
    Object.assign(cell, { source: code, outputs: [], execution_count: null });
  }
  if (own.length) throw new Told(`Cell ${own[0].number} of this page was not found in its notebook.`);
  return notebook;
}
