/* The reader's own work: answers in words, and the page's notebook with everything they changed. */
import { element } from "./dom.js";

const BLANK = "Your answer, in place of this line.";

/* An exercise asks for words too: the line that holds their place becomes a field. */
export function answerFields(article) {
  const lines = [...article.querySelectorAll("p")].filter((p) => p.textContent.trim() === BLANK);
  return lines.map((line, index) => {
    const label = lines.length > 1 ? `Your answer in words, ${index + 1}` : "Your answer in words";
    const field = element("textarea", { class: "live-answer", rows: 6, "aria-label": label, placeholder: BLANK });
    line.replaceWith(field);
    return field;
  });
}

/* All that the reader has written, to tell whether it was taken away. */
export function work(page) {
  return JSON.stringify([page.cells.map((cell) => cell.code), page.answers.map((field) => field.value.trim())]);
}

/* The page's notebook as a file, with the reader's code and words in it. */
export async function download(page) {
  const address = new URL(page.settings.notebook, location.href);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`The notebook ${address.pathname} could not be had (${answer.status}).`);
  const notebook = fill(await answer.json(), page.cells, page.answers.map((field) => field.value));
  const file = new Blob([`${JSON.stringify(notebook, null, 1)}\n`], { type: "application/x-ipynb+json" });
  const link = element("a", { href: URL.createObjectURL(file), download: address.pathname.split("/").at(-1) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/* Cells of the page and of the notebook are matched by the book's code, in order: the page leaves
   some out. What ran here is not stored: outputs of changed cells go, since they belong to other code. */
export function fill(notebook, cells, words) {
  const own = [...cells];
  const answers = [...words];
  for (const cell of notebook.cells) {
    const source = [cell.source].flat().join("");
    if (cell.cell_type === "markdown" && source.includes(BLANK)) {
      const written = answers.shift()?.trim();
      if (written) cell.source = written;
    }
    if (cell.cell_type !== "code" || own[0]?.book.trim() !== source.trim()) continue;
    const { book, code } = own.shift();
    if (code === book) continue;
    Object.assign(cell, { source: code, outputs: [], execution_count: null });
  }
  if (own.length) throw new Error(`Cell ${own[0].number} of this page was not found in its notebook.`);
  return notebook;
}
