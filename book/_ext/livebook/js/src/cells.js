/* A code cell of the page: the book's code and output, the reader's beside them, and its buttons. */
import { button, element } from "./dom.js";
import { ending } from "./spoken.js";

/** @typedef {import("./live.js").Page} Page */

export class Cell {
  /** @type {"idle" | "waiting" | "running"} for its turn, and until its end */
  state = "idle";
  ran = false;          // in the Python that runs now, to whatever end
  /** @type {any} */
  editor = null;
  /** @type {import("./outputs.js").Outputs | null} */
  outputs = null;
  /** @type {import("./outputs.js").Outputs | null} those of the run before */
  before = null;
  /** @type {any} what its last run ended with */
  error = null;
  stopped = false;      // before its end
  starting = false;     // because its widget was touched
  holding = false;      // back what is new, until its widget stands where the reader left it
  revealed = false;     // there is something new to see
  /** @type {string | null} the reader's own code */
  mine = null;

  /**
   * @param {HTMLElement} root
   * @param {number} number
   * @param {Page} page
   */
  constructor(root, number, page) {
    this.root = root;
    this.number = number;
    this.page = page;
    this.input = /** @type {HTMLElement} */ (root.querySelector(".cell_input"));
    this.pre = /** @type {HTMLElement} */ (this.input.querySelector("pre"));
    this.book = String(this.pre.textContent).replace(/\n$/, "");
    this.printed = [...this.pre.childNodes];   // the book's code, in its colours
    this.stored = /** @type {HTMLElement | null} */ (root.querySelector(".cell_output"));
    this.run = button("Run", () => { if (this.state === "idle") page.runOne(this); }, { class: "live-button live-run", "aria-label": `Run cell ${number}` });
    this.above = button("Run all above", () => page.run(page.above(this)), { class: "live-button live-above", "aria-label": `Run all cells above cell ${number}` });
    this.stop = button("Stop", () => page.stop(), { "aria-label": "Stop Python", hidden: true });
    this.restore = button("Put the book's code back", () => this.putBack(), { hidden: true });
    this.compare = button("", () => this.show(!this.showsBook), { class: "live-button live-compare", hidden: true });
    this.status = element("span", { class: "live-status", role: "status" });
    this.tools = element(
      "div",
      { class: "live-tools", role: "group", "aria-label": `Cell ${number}` },
      this.run, this.stop, this.above, this.status, this.restore, this.compare,
    );
    this.above.hidden = number === 1;
    // Of folded code the buttons stay in sight.
    this.fold = this.input.closest("details");
    if (this.fold) this.fold.after(this.tools);
    else this.input.append(this.tools);
    this.live = element("div", { class: "cell_output live-output tex2jax_process", hidden: true });
    // A picture has its words as soon as it is there, also one that a widget draws later.
    new MutationObserver(() => this.#describe()).observe(this.live, { childList: true, subtree: true });
    this.#place();
  }

  /* A caption stays where it is, and so does the place that links to the figure lead to. */
  #place() {
    const caption = this.stored?.querySelector("figcaption");
    /** @type {HTMLElement[]} the parts of the stored output */
    this.kept = this.stored ? [this.stored] : [];
    if (caption) {
      caption.before(this.live);
      const parts = /** @type {HTMLElement[]} */ ([...(caption.parentElement?.children ?? [])]);
      this.kept = parts.filter((child) => child !== caption && child !== this.live);
    } else if (this.stored) this.stored.after(this.live);
    else this.root.append(this.live);
    this.described = [...(this.stored?.querySelectorAll("img") ?? [])].map((image) => image.alt);
  }

  get code() {
    return this.mine ?? this.book;
  }

  /**
   * The reader's code in place of the book's, or the book's again.
   * @param {string} code
   */
  write(code) {
    if (this.editor) {
      this.editor.code = code;
      return;
    }
    this.#written(code);
    if (this.mine === null) this.pre.replaceChildren(...this.printed);
  }

  /** @param {string} code */
  #written(code) {
    this.mine = code === this.book ? null : code;
    if (this.editor || this.mine !== null) this.pre.textContent = this.code;   // what the copy button takes
    this.restore.hidden = this.mine === null;
    this.root.classList.toggle("live-mine", this.mine !== null);
  }

  get showsBook() {
    return this.live.hidden;
  }

  /**
   * @param {typeof import("./editor.js").makeEditor} makeEditor
   * @param {() => void} run
   */
  edit(makeEditor, run) {
    if (this.editor) return;
    const parent = element("div", { class: "live-editor" });
    this.pre.after(parent);
    this.pre.hidden = true;
    this.editor = makeEditor({
      parent,
      code: this.code,
      label: `Code of cell ${this.number}. Shift-Enter runs it; Escape, then Tab leaves it.`,
      run,
      complete: (before, after) => this.page.complete(before, after),
      describe: (name) => this.page.describe(name),
      change: (code) => {
        this.#written(code);
        this.page.written(this);
      },
    });
  }

  /* Folded code is opened: what is new in it is to be read. */
  unfold() {
    if (this.fold) this.fold.open = true;
  }

  putBack() {
    this.write(this.book);
    if (this.editor) this.editor.focus();
    else {
      this.page.written(this);
      this.run.focus();
    }
  }

  /**
   * The book's output or the reader's; one of them is always there, so nothing jumps twice.
   * @param {boolean} book
   */
  show(book) {
    for (const part of this.kept) part.hidden = !book;
    this.live.hidden = book;
    this.compare.textContent = book ? "Show your output" : "Show the book's output";
    this.compare.hidden = !this.stored || !this.outputs;
  }

  /**
   * Take a state and show it.
   * @param {Cell["state"]} state
   * @param {string} words
   */
  #become(state, words) {
    this.state = state;
    this.status.textContent = words;
    this.root.classList.toggle("live-running", state === "running");
    // Not disabled: it would lose the focus, and its reader's keys would go nowhere.
    this.run.setAttribute("aria-disabled", String(state !== "idle"));
    const held = document.activeElement === this.stop;
    this.stop.hidden = state !== "running";
    if (held && this.stop.hidden) this.run.focus();
  }

  wait() {
    this.#become("waiting", "waiting");
  }

  /** @param {import("./outputs.js").Outputs} outputs */
  begin(outputs) {
    this.#become("running", "running …");
    delete this.root.dataset.ran;
    this.before?.dispose();
    this.before = this.outputs;
    this.outputs = outputs;
    this.revealed = false;
    this.error = null;
    this.stopped = false;
    const shown = this.showsBook ? this.kept : [this.live];
    const height = shown.reduce((sum, part) => sum + part.offsetHeight, 0);
    this.live.style.minHeight = `${height}px`;
  }

  /** @param {string} words */
  stage(words) {
    this.status.textContent = words;
  }

  /* The old output stays until there is a new one. */
  reveal() {
    if (this.revealed || this.holding) return;
    this.revealed = true;
    this.before?.dispose();
    this.before = null;
    this.outputs?.show();
    this.show(false);
    const fold = this.stored?.closest("details");   // who runs a cell has made the prediction
    if (fold) fold.open = true;
  }

  /**
   * @param {string} status ok, error or stopped
   * @param {string} words
   */
  finish(status, words = "") {
    this.root.dataset.ran = status;
    this.reveal();
    const said = ending(this.number, status, this.outputs?.model.toJSON() ?? []);
    this.idle(words ? `${said} ${words}` : said);
    setTimeout(() => {   // widgets and pictures are drawn a moment later
      this.live.style.minHeight = "";
      this.#reach();
    }, 400);
  }

  /* The book's words for its pictures hold as long as the code is the book's. */
  #describe() {
    const images = /** @type {HTMLImageElement[]} */ ([...this.live.querySelectorAll(".jp-RenderedImage img")]);
    for (const [index, image] of images.entries()) {
      image.alt = (this.code === this.book && this.described?.[index]) || "A picture drawn by this cell";
    }
  }

  /* What is wider than the page is scrolled, by its reader's keys too. */
  #reach() {
    const parts = /** @type {HTMLElement[]} */ ([...this.live.querySelectorAll("pre, .jp-OutputArea-output")]);
    for (const part of parts) {
      if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    }
  }

  /* Python has stopped: the widgets of this output have nobody to ask. */
  retire() {
    this.ran = false;
    this.error = null;
    if (this.outputs) this.outputs.element.inert = true;
  }

  idle(words = "") {
    this.#become("idle", words);
  }
}
