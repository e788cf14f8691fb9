/* The bar: what Python does on this page, in words. */
import { button, element } from "./dom.js";

export class Bar {
  share = 0;    // of the downloads that is here

  /** @param {import("./live.js").Page} page */
  constructor(page) {
    this.page = page;
    this.root = element("div", { class: "live-bar" });
    this.place = element("section", { class: "live-place", "aria-label": "Python on this page" }, this.root);
    // Below the title, unless the page has a place for it where it speaks of it.
    const before = document.querySelector(".live-here") ?? document.querySelector("article h1, .bd-article h1");
    before?.after(this.place);
    // A widget further down may have started Python: the news then float where the reader is.
    new IntersectionObserver(([{ isIntersecting }]) => {
      this.place.style.minHeight = isIntersecting ? "" : `${this.root.offsetHeight}px`;
      this.root.classList.toggle("live-away", !isIntersecting);
    }).observe(this.place);
    this.words = element("p", { class: "live-words", role: "status" });
    this.offer();
  }

  /**
   * The page's state in words, and what can be done about it.
   * @param {string} words
   * @param {...HTMLElement} controls
   */
  #show(words, ...controls) {
    this.root.dataset.state = this.page.state;
    this.words.textContent = words;
    const hadFocus = this.root.contains(document.activeElement);
    this.root.replaceChildren(...controls.filter((c) => c.dataset.first), this.words, ...controls.filter((c) => !c.dataset.first));
    const first = /** @type {HTMLElement | null} */ (this.root.querySelector("button, [tabindex]"));
    if (hadFocus) first?.focus();
  }

  offer() {
    const start = button("Make this page live", () => this.page.start(this.page.cells), { class: "live-button live-start", "data-first": "1" });
    const { lite } = this.page.settings;
    const notebook = lite ? [element("a", { href: lite, class: "live-lite" }, "Open in JupyterLite")] : [];
    this.#show("Edit and run the code here: Python starts in your browser, nothing is installed.", start, ...notebook);
  }

  starting() {
    this.fill = element("div", { class: "live-fill" });
    this.meter = element(
      "div",
      { class: "live-meter", role: "progressbar", "aria-label": "Starting Python", "aria-valuemin": 0, "aria-valuemax": 100, tabindex: -1 },
      this.fill,
    );
    const cancel = button("Cancel", () => this.page.stop());
    this.root.style.minHeight = `${this.root.offsetHeight}px`;   // the text below stays where it is
    this.#show("", cancel, this.meter);
    this.progress({ words: "Starting" });
  }

  /** @param {{ done?: number, total?: number, words?: string }} news */
  progress({ done = 0, total, words = "Starting Python" }) {
    if (total) {
      this.share = done / total;
      if (done < total) words = `Downloading ${megabytes(done)} of ${megabytes(total)} MB`;
    }
    if (!this.meter || !this.fill || this.page.state !== "starting") return;
    const percent = String(Math.round(100 * this.share));
    this.fill.style.width = `${percent}%`;
    this.meter.setAttribute("aria-valuenow", percent);
    this.meter.setAttribute("aria-valuetext", words);
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  live() {
    this.#show(
      "This page is live. Edit any cell; Shift-Enter runs it.",
      button("Run all", () => this.page.run(this.page.cells)),
      button("Restart Python", () => this.page.restart()),
      button("Download with your changes", () => this.page.download()),
    );
  }

  /** @param {string} words */
  say(words) {
    this.words.textContent = words;
  }

  stopped() {
    this.#show(
      "Python was stopped: the names it knew are gone. Run any cell: those above it come first.",
      button("Run all", () => this.page.run(this.page.cells)),
      button("Download with your changes", () => this.page.download()),
    );
  }

  /** @param {string} reason */
  failed(reason) {
    const { notebook, environment } = this.page.settings;
    const how = [" and the book's environment: ", element("code", {}, environment ?? ""), ", as the README says."];
    const elsewhere = element(
      "p",
      { class: "live-elsewhere" },
      "The stored outputs stay. To run the code elsewhere, take ",
      element("a", { href: notebook, download: true }, "this chapter as a notebook"),
      ...(environment ? how : ["."]),
    );
    this.#show(reason, elsewhere, button("Try again", () => this.page.start(this.page.cells)));
  }
}

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
