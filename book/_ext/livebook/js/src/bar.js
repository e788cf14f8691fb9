/* The bar: what Python does on this page, in words. */
import { button, element } from "./dom.js";

export class Bar {
  tells = false;  // of a start
  share = 0;    // of the downloads that is here
  quarter = 0;  // of them that were spoken of

  /** @param {import("./live.js").Page} page */
  constructor(page) {
    this.page = page;
    this.root = element("div", { class: "live-bar" });
    this.place = element("section", { class: "live-place", "aria-label": "Python on this page" }, this.root);
    // Below the title, unless the page has a place for it where it speaks of it.
    const room = document.querySelector(".live-room");
    const before = document.querySelector(".live-here") ?? room ?? document.querySelector("article h1, .bd-article h1");
    before?.after(this.place);
    room?.remove();
    // A widget further down may have started Python: the news then float where the reader is.
    new IntersectionObserver(([{ isIntersecting }]) => {
      this.place.style.minHeight = isIntersecting ? "" : `${this.root.offsetHeight}px`;
      this.root.classList.toggle("live-away", !isIntersecting);
    }).observe(this.place);
    this.words = element("p", { class: "live-words" });
    // What is spoken: the words of each state, and of a download its quarters alone.
    this.spoken = element("p", { class: "live-spoken", role: "status" });
    this.place.append(this.spoken);
    this.offer();
  }

  /**
   * The page's state in words, and what can be done about it.
   * @param {string} words
   * @param {...HTMLElement} controls
   */
  #show(words, ...controls) {
    this.tells = false;
    this.root.dataset.state = this.page.state;
    this.say(words);
    const hadFocus = this.root.contains(document.activeElement);
    this.root.replaceChildren(...controls.filter((c) => c.dataset.first), this.words, ...controls.filter((c) => !c.dataset.first));
    const first = /** @type {HTMLElement | null} */ (this.root.querySelector("button, [tabindex]"));
    if (hadFocus) first?.focus();
  }

  offer() {
    const start = button("Make this page live", () => this.page.start(this.page.cells), { class: "live-button live-start", "data-first": "1" });
    const { lite } = this.page.settings;
    const notebook = lite ? [element("a", { href: lite, class: "live-lite" }, "Open in JupyterLite")] : [];
    this.#show(`Edit and run the code here: Python starts in your browser${this.size()}, nothing is installed.`, start, ...notebook);
  }

  size() {
    const { megabytes } = this.page.settings;
    return megabytes ? ` (at most ${megabytes} MB, once)` : "";
  }

  /**
   * Whether Python may be loaded: asked where a touch would spend what the reader saves.
   * @param {(yes: boolean) => void} answer
   */
  ask(answer) {
    this.#show(
      `To answer this, the picture needs Python in your browser${this.size()}.`,
      button("Load it", () => answer(true), { class: "live-button live-start" }),
      button("Not now", () => answer(false)),
    );
  }

  starting() {
    this.fill = element("div", { class: "live-fill" });
    this.meter = element(
      "div",
      { class: "live-meter", role: "progressbar", "aria-label": "Starting Python", "aria-valuemin": 0, "aria-valuemax": 100, tabindex: -1 },
      this.fill,
    );
    this.quarter = 0;
    const cancel = button("Cancel", () => this.page.stop());
    this.root.style.minHeight = `${this.root.offsetHeight}px`;   // the text below stays where it is
    this.#show("Starting Python", cancel, this.meter);
    this.tells = true;
  }

  /** @param {{ done?: number, total?: number, words?: string }} news */
  progress({ done = 0, total, words = "Starting Python" }) {
    let spoken = words;
    if (total) {
      this.share = done / total;
      if (done < total) {
        words = `Downloading ${megabytes(done)} of ${megabytes(total)} MB`;
        const quarter = Math.floor(4 * this.share);
        spoken = quarter > this.quarter ? `Downloading ${megabytes(total)} MB: ${25 * quarter} %` : "";
        this.quarter = Math.max(quarter, this.quarter);
      }
    }
    if (!this.tells || !this.meter || !this.fill) return;
    const percent = String(Math.round(100 * this.share));
    this.fill.style.width = `${percent}%`;
    this.meter.setAttribute("aria-valuenow", percent);
    this.meter.setAttribute("aria-valuetext", words);
    if (this.words.textContent !== words) this.words.textContent = words;
    if (spoken && this.spoken.textContent !== spoken) this.spoken.textContent = spoken;
  }

  /**
   * The reader's work of another day stands on the page again.
   * @param {string} day
   * @param {string[]} left code whose cell the book has changed since
   */
  kept(day, left) {
    const back = button("Put the book's back", () => {
      this.page.putBack();
      note.remove();
      this.say("The page is the book's again.");
      /** @type {HTMLElement | null} */ (this.root.querySelector("button"))?.focus();
    });
    const since = day === "today" ? "from earlier today" : `from ${day}`;
    const note = element("div", { class: "live-kept" }, element("span", {}, `Your changes ${since} are back.`), back);
    if (left.length) {
      const code = left.map((each) => element("pre", { tabindex: 0 }, each));
      note.append(element("details", {}, element("summary", {}, "The book has changed since: this of yours has no place in it any more"), ...code));
    }
    this.place.append(note);
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
    if (this.spoken.textContent !== words) this.spoken.textContent = words;
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
