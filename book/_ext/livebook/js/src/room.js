/* How much a run may put on the page besides what it prints: more would only choke it. */

const LONGEST = 50_000;         // characters of a value in words
const LARGEST = 10_000_000;     // characters of a picture, a page or data
const MOST = 20_000_000;        // of all that a run shows
const DISPLAYS = 1000;

/** @typedef {import("./protocol").OutputContent} OutputContent */

export class Room {
  #count = 0;
  #size = 0;

  /** A run begins. */
  restart() {
    this.#count = 0;
    this.#size = 0;
  }

  /**
   * What of an output the page shows: all, a part with a sentence, or nothing.
   * @param {OutputContent} content
   * @returns {OutputContent | null}
   */
  fit(content) {
    if (!content.data) return content;
    if (++this.#count > DISPLAYS) return this.#count === DISPLAYS + 1 ? said(content, "… more was shown than a page can show") : null;
    const data = { ...content.data };
    for (const [type, value] of Object.entries(data)) {
      const size = length(value);
      if (type === "text/plain" && size > LONGEST) {
        data[type] = `${String(value).slice(0, LONGEST)}\n… all of it is ${number(size)} characters, more than a page can show`;
      } else if (size > LARGEST || this.#size + size > MOST) {
        return said(content, `This output is ${number(size)} characters long, more than a page can show.`);
      }
      this.#size += length(data[type]);
    }
    return { ...content, data };
  }
}

/** @param {unknown} value text, or JSON */
const length = (value) => (typeof value === "string" ? value : JSON.stringify(value) ?? "").length;

/** @param {number} value */
const number = (value) => value.toLocaleString("en");

/** @param {OutputContent} content @param {string} words */
const said = (content, words) => ({ ...content, data: { "text/plain": words }, metadata: {} });
