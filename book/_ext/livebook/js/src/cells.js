/* A code cell of the page: the book's code and output, the reader's beside them, and its buttons. */
import { button, element } from "./dom.js";

export class Cell {
  ran = false;          // in the Python that runs now, to whatever end
  editor = null;
  outputs = null;
  error = null;         // what its last run ended with
  stopped = false;      // before its end
  waiting = false;      // for its turn, or for its end

  constructor(root, number, page) {
    this.root = root;
    this.number = number;
    this.input = root.querySelector(".cell_input");
    this.pre = this.input.querySelector("pre");
    this.book = this.pre.textContent.replace(/\n$/, "");
    this.stored = root.querySelector(".cell_output");
    this.run = button("Run", () => page.runOne(this), { class: "live-button live-run", "aria-label": `Run cell ${number}` });
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
    const fold = this.input.closest("details");
    if (fold) fold.after(this.tools);
    else this.input.append(this.tools);
    this.live = element("div", { class: "cell_output live-output tex2jax_process", hidden: true });
    this.#place();
  }

  /* A caption stays where it is, and so does the place that links to the figure lead to. */
  #place() {
    const caption = this.stored?.querySelector("figcaption");
    this.kept = this.stored ? [this.stored] : [];
    if (caption) {
      caption.before(this.live);
      this.kept = [...caption.parentElement.children].filter((child) => child !== caption && child !== this.live);
    } else if (this.stored) this.stored.after(this.live);
    else this.root.append(this.live);
    this.described = [...(this.stored?.querySelectorAll("img") ?? [])].map((image) => image.alt);
  }

  get code() {
    return this.editor?.code ?? this.book;
  }

  get showsBook() {
    return this.live.hidden;
  }

  edit(makeEditor, run) {
    if (this.editor) return;
    const parent = element("div", { class: "live-editor" });
    this.pre.after(parent);
    this.pre.hidden = true;
    this.editor = makeEditor({
      parent,
      code: this.book,
      label: `Code of cell ${this.number}. Shift-Enter runs it; Escape, then Tab leaves it.`,
      run,
      change: () => {
        this.pre.textContent = this.code;   // what the copy button takes
        this.restore.hidden = this.code === this.book;
      },
    });
  }

  putBack() {
    this.editor.code = this.book;
    this.editor.focus();
  }

  /* The book's output or the reader's; one of them is always there, so nothing jumps twice. */
  show(book) {
    for (const part of this.kept) part.hidden = !book;
    this.live.hidden = book;
    this.compare.textContent = book ? "Show your output" : "Show the book's output";
    this.compare.hidden = !this.stored || !this.outputs;
  }

  wait() {
    this.waiting = true;
    this.status.textContent = "waiting";
    this.run.disabled = true;
  }

  begin(outputs) {
    this.root.classList.add("live-running");
    delete this.root.dataset.ran;
    this.status.textContent = "running …";
    this.stop.hidden = false;
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

  stage(words) {
    this.status.textContent = words;
  }

  /* The old output stays until there is a new one. */
  reveal() {
    if (this.revealed) return;
    this.revealed = true;
    this.before?.dispose();
    this.before = null;
    this.outputs.show();
    this.show(false);
    const fold = this.stored?.closest("details");   // who runs a cell has made the prediction
    if (fold) fold.open = true;
  }

  finish(status, words = "") {
    this.root.dataset.ran = status;
    this.reveal();
    this.idle(words);
    setTimeout(() => {   // widgets and pictures are drawn a moment later
      this.live.style.minHeight = "";
      this.#describe();
      this.#reach();
    }, 400);
  }

  /* The book's words for its pictures hold as long as the code is the book's. */
  #describe() {
    for (const [index, image] of this.live.querySelectorAll(".jp-RenderedImage img").entries()) {
      image.alt = (this.code === this.book && this.described[index]) || "A picture drawn by this cell";
    }
  }

  /* What is wider than the page is scrolled, by its reader's keys too. */
  #reach() {
    for (const part of this.live.querySelectorAll("pre, .jp-OutputArea-output")) {
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
    this.waiting = false;
    this.root.classList.remove("live-running");
    this.status.textContent = words;
    this.run.disabled = false;
    this.stop.hidden = true;
  }
}
