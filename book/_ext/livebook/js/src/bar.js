/* The bar: what Python does on this page, in words. */
import { button, element } from "./dom.js";

export class Bar {
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

  #show(state, words, ...controls) {
    this.root.dataset.state = state;
    this.words.textContent = words;
    const hadFocus = this.root.contains(document.activeElement);
    this.root.replaceChildren(...controls.filter((c) => c.dataset.first), this.words, ...controls.filter((c) => !c.dataset.first));
    if (hadFocus) this.root.querySelector("button, [tabindex]")?.focus();
  }

  offer() {
    const start = button("Make this page live", () => this.page.start(this.page.cells), { class: "live-button live-start", "data-first": "1" });
    const { lite } = this.page.settings;
    const notebook = lite ? [element("a", { href: lite, class: "live-lite" }, "Open in JupyterLite")] : [];
    this.#show("idle", "Edit and run the code here: Python starts in your browser, nothing is installed.", start, ...notebook);
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
    this.#show("starting", "", cancel, this.meter);
    this.progress({ words: "Starting" });
  }

  progress({ done, total, words }) {
    if (total) {
      this.share = done / total;
      const rest = done < total;
      words = rest ? `Downloading ${megabytes(done)} of ${megabytes(total)} MB` : "Starting Python";
    }
    if (!this.meter || this.root.dataset.state !== "starting") return;
    const percent = Math.round(100 * (this.share ?? 0));
    this.fill.style.width = `${percent}%`;
    this.meter.setAttribute("aria-valuenow", percent);
    this.meter.setAttribute("aria-valuetext", words);
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  live() {
    this.#show(
      "live",
      "This page is live. Edit any cell; Shift-Enter runs it.",
      button("Run all", () => this.page.run(this.page.cells)),
      button("Restart Python", () => this.page.restart()),
      button("Download with your changes", () => this.page.download()),
    );
  }

  say(words) {
    this.words.textContent = words;
  }

  stopped() {
    this.#show(
      "stopped",
      "Python was stopped: the names it knew are gone. Run any cell: those above it come first.",
      button("Run all", () => this.page.run(this.page.cells)),
      button("Download with your changes", () => this.page.download()),
    );
  }

  failed(reason, notebook) {
    const elsewhere = element(
      "p",
      { class: "live-elsewhere" },
      "The stored outputs stay. To run the code elsewhere, take ",
      element("a", { href: notebook, download: true }, "this chapter as a notebook"),
      " and the book's environment: ",
      element("code", {}, "pip install -r requirements.txt"),
      ", as the README says.",
    );
    this.#show("failed", reason, elsewhere, button("Try again", () => this.page.start(this.page.cells)));
  }
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
