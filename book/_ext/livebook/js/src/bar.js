/* The bar: what Python does on this page, in words. */
import { button, element } from "./dom.js";

const LONG = 8000;   // characters of a link that mail and chat still carry

export class Bar {
  tells = false;  // of a start
  share = 0;    // of the downloads that is here
  quarter = 0;  // of them that were spoken of
  /** @type {HTMLElement | undefined} */
  #link;        // that was made last, and what is said of it

  /** @param {import("./live.js").Page} page */
  constructor(page) {
    this.page = page;
    this.root = element("div", { class: "live-bar" });
    this.place = element("section", { class: "live-place", "aria-label": "Python on this page" }, this.root);
    // Below the title, unless the page has a place for it where it speaks of it.
    const before = document.querySelector(".live-here") ?? document.querySelector("article h1, .bd-article h1");
    before?.after(this.place);
    document.querySelector(".live-room")?.remove();
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
    const whose = this.page.sent ? "the link's" : "the book's";
    const back = button(`Put ${whose} back`, () => {
      this.page.putBack();
      note.remove();
      this.say(`The page is ${whose} again.`);
      /** @type {HTMLElement | null} */ (this.root.querySelector("button"))?.focus();
    });
    const since = day === "today" ? "from earlier today" : `from ${day}`;
    const note = this.#note(`Your changes ${since} are back.`, [back], left);
  }

  /**
   * Another reader's work stands on the page.
   * @param {string} amount
   * @param {number[]} numbers of the changed cells
   * @param {string[]} left
   */
  brought(amount, numbers, left) {
    const ways = numbers.map((number) => button(`Go to cell ${number}`, () => this.page.cells[number - 1].run.focus()));
    const without = button("Show the page without it", () => location.replace(location.pathname + location.search));
    const words = `A link brought this: ${amount}. Whoever made the link wrote it: read the code before you run it.`;
    this.#note(words, [...ways, without], left);
    this.spoken.textContent = words;
  }

  /**
   * @param {string} link
   * @param {string} amount of work in it
   * @param {boolean} copied
   */
  link(link, amount, copied) {
    this.#link?.remove();
    const field = element("input", { class: "live-link", readonly: true, value: link, "aria-label": "The link" });
    const words = `The link ${copied ? "is copied" : "stands here to be copied"}. It holds ${amount} itself: nothing is stored elsewhere.`;
    this.#link = this.#note(words + (link.length > LONG ? ` It has ${link.length} characters, and some programs cut so long a link: the notebook is safer.` : ""), [field]);
    this.spoken.textContent = words;
    if (copied) return;
    field.focus();
    field.select();
  }

  /**
   * Something to know, below the bar.
   * @param {string} words
   * @param {HTMLElement[]} controls
   * @param {string[]} left code whose cell the book has changed since
   */
  #note(words, controls, left = []) {
    const note = element("div", { class: "live-kept" }, element("span", {}, words), ...controls);
    if (left.length) {
      const code = left.map((each) => element("pre", { tabindex: 0 }, each));
      note.append(element("details", {}, element("summary", {}, "The book has changed since: this has no place in it any more"), ...code));
    }
    this.place.append(note);
    return note;
  }

  live() {
    this.#show(
      "This page is live. Edit any cell; Shift-Enter runs it.",
      button("Run all", () => this.page.run(this.page.cells)),
      button("Restart Python", () => this.page.restart()),
      ...this.#take(),
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
      ...this.#take(),
    );
  }

  /* The ways to take one's work from here. */
  #take() {
    return [
      button("Download with your changes", () => this.page.download()),
      button("Make a link with your changes", () => this.page.share()),
    ];
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
