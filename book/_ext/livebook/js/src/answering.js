/* A widget that answers before there is a kernel: what its own script says, put into its stand-in. */
import { asSent, element, read } from "./dom.js";

/** @typedef {import("./protocol").Answers} Answers */
/** @typedef {import("./protocol").AnsweringWidget} Widget */
/** @typedef {import("./standins.js").Control} Control */

const OPENING = 2600;  // milliseconds, of the one move that a page opens with

export class Answering {
  changed = false;   // from what the book stored
  /** @type {Record<string, any>} the value of each trait */
  state = {};
  #opening = 0;
  #stored = "";      // the picture that the opening move ends with

  /**
   * @param {HTMLElement} figure
   * @param {import("./protocol").StandInClasses} classes
   * @param {Widget} widget
   * @param {Answers} parts what its script exports besides
   */
  constructor(figure, classes, widget, parts) {
    this.figure = figure;
    this.widget = widget;
    this.parts = parts;
    const own = (/** @type {string} */ name) => /** @type {HTMLElement | null} */ (figure.querySelector(`.${classes.control}${name}`));
    this.picture = /** @type {HTMLElement} */ (figure.querySelector(`.${classes.picture}`));
    this.words = /** @type {HTMLElement} */ (own("words"));
    this.message = element("p", { class: `${classes.control}message`, role: "alert" });
    for (const control of this.#controls()) {
      const name = String(control.dataset.trait);
      // What the stored picture shows, though a reader may have been faster than this script.
      if (control.type !== "range") this.state[name] = read(asSent(control));
    }
  }

  /**
   * @param {string} [name] of a trait
   * @returns {Control[]}
   */
  #controls(name) {
    const all = this.figure.querySelectorAll(name ? `[data-trait="${CSS.escape(name)}"]` : "[data-trait]");
    return /** @type {Control[]} */ ([...all]);
  }

  /**
   * Takes what a reader did, or refuses it with a sentence; false where Python alone can answer.
   * @param {(state: Record<string, any>) => Record<string, any>} act what changes
   */
  take(act) {
    this.still();
    try {
      const changes = act(this.state);
      if (Object.keys(changes).length) {
        this.#show(changes);
        this.changed = true;
        this.message.textContent = "";
      }
    } catch (error) {
      if (error instanceof this.parts.Elsewhere) return false;
      if (!(error instanceof this.parts.Refused)) throw error;
      this.#follow();
      this.message.textContent = error.message;
    }
    return true;
  }

  /** @param {Control} control */
  set(control) {
    const name = String(control.dataset.trait);
    return this.take((state) => {
      const value = this.#accepted(name, control);  // which a slider says twice, as input and as change
      return value === state[name] ? {} : { [name]: value, ...this.widget.follows?.[name] };
    });
  }

  /** @param {string} action */
  press(action) {
    return this.take((state) => this.widget.actions?.[action]?.(state) ?? {});
  }

  /** @param {{ drag: string | undefined, x: number, y: number }} gesture */
  drag({ drag, x, y }) {
    return this.take((state) => this.widget.drag(state, String(drag), x, y));
  }

  /**
   * @param {string} name
   * @param {Control} control
   */
  #accepted(name, control) {
    const box = /** @type {HTMLInputElement | undefined} */ (this.#controls(name).find((each) => each.type === "number"));
    if (!box) return read(control);
    const label = box.closest("label")?.firstElementChild?.textContent;
    if (control.value === "") throw new this.parts.Refused(`${label} needs a number.`);
    const value = read(control);
    const { number } = this.parts;
    if (value < Number(box.min) || value > Number(box.max)) {
      const limits = `from ${number(Number(box.min), 6)} to ${number(Number(box.max), 6)}`;
      throw new this.parts.Refused(`${label} goes ${limits}; ${number(value, 6)} is outside.`);
    }
    if (this.widget.whole?.includes(name) && !Number.isInteger(value)) {
      throw new this.parts.Refused(`${label} needs a whole number, not ${number(value, 6)}.`);
    }
    return value;
  }

  /** @param {Record<string, any>} changes */
  #show(changes) {
    let state = { ...this.state, ...changes };
    state = { ...state, ...this.widget.within?.(state) };
    const { svg, words, limits } = this.widget.answer(state);
    this.state = state;
    this.picture.innerHTML = svg;   // drawn by the book's own script, every text in it escaped
    if (this.words.textContent !== words) this.words.textContent = words;
    for (const [name, most] of Object.entries(limits ?? {})) {
      for (const control of this.#controls(name)) if (control.type === "range") control.setAttribute("max", String(most));
    }
    this.#follow();
  }

  /* Every control shows its trait. */
  #follow() {
    for (const control of this.#controls()) {
      const value = this.state[String(control.dataset.trait)];
      if (control.type === "checkbox") {
        /** @type {HTMLInputElement} */ (control).checked = value;
        continue;
      }
      const shown = String(control.dataset.scale === "log" ? Math.log10(value) : value);
      const same = control.type === "range" ? read(control) === value : control.value === shown;
      if (!same) control.value = shown;
      if (control.type === "range") control.setAttribute("aria-valuetext", String(value));
    }
  }

  /** Whether it says what the page shows: its widget may stand where no script can follow. */
  get agrees() {
    const drawn = document.createElement("template");
    try {
      const { svg, words } = this.widget.answer(this.state);
      drawn.innerHTML = svg;
      return drawn.innerHTML === this.picture.innerHTML && words === this.words.textContent;
    } catch {
      return false;
    }
  }

  /** The one move that a page opens with, unless its reader wants none or is faster. */
  open() {
    const { opening, answer } = this.widget;
    if (!opening || this.changed || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const begun = performance.now();
    this.#stored = this.picture.innerHTML;
    const move = (/** @type {number} */ now) => {
      const share = Math.min(1, Math.max(0, (now - begun) / OPENING));
      const eased = share * share * (3 - 2 * share);
      this.picture.innerHTML = share < 1 ? answer({ ...this.state, ...opening(this.state, eased) }).svg : this.#stored;
      this.#opening = share < 1 ? requestAnimationFrame(move) : 0;
    };
    this.#opening = requestAnimationFrame(move);
  }

  still() {
    if (!this.#opening) return;
    cancelAnimationFrame(this.#opening);
    this.#opening = 0;
    this.picture.innerHTML = this.#stored;
  }
}
