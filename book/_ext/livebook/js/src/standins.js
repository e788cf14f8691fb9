/* Widgets before there is a kernel: the first thing done to one starts Python, and is not lost. */

const CONTROLS = "input, select, textarea, button";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLButtonElement} Control */

export class StandIn {
  /** @type {Map<string, Control>} by trait, what the reader has changed */
  set = new Map();
  /** @type {string[]} actions, in order */
  pressed = [];
  /** @type {Control | null} */
  last = null;
  /** @type {{ drag: string | undefined, x: number, y: number, phase: string } | null} where the
      pointer took a part of the drawing */
  gesture = null;
  /** @type {{ slider: HTMLInputElement, before: string, scrolled: boolean } | null} the slider that a
      finger was put on last */
  #held = null;

  /**
   * @param {HTMLElement} figure
   * @param {import("./cells.js").Cell} cell
   * @param {import("./protocol").StandInClasses} classes
   * @param {(standin: StandIn) => void} touched
   */
  constructor(figure, cell, classes, touched) {
    this.figure = figure;
    this.cell = cell;
    this.classes = classes;
    this.drawing = `.${classes.picture} svg`;
    figure.addEventListener("input", (event) => this.#change(event, touched));
    figure.addEventListener("change", (event) => this.#change(event, touched));
    figure.addEventListener("click", (event) => {
      const action = /** @type {HTMLButtonElement | null} */ (target(event).closest("button[data-action]"));
      if (!action) return;
      this.pressed.push(String(action.dataset.action));
      this.last = action;
      touched(this);
    });
    figure.addEventListener("pointerdown", (event) => {
      this.#grab(event, touched);
      this.#hold(event);
    });
    figure.addEventListener("pointercancel", () => this.#scrolled());
    figure.addEventListener("keydown", () => { this.#held = null; });
    // Within a drawing browsers do not honour `touch-action`: a drag would scroll the page.
    figure.addEventListener("touchstart", (event) => {
      if (target(event).closest("[data-drag]")) event.preventDefault();
    }, { passive: false });
  }

  /**
   * The drawing stands still until it lives; where the pointer went is remembered for it.
   * @param {PointerEvent} event
   * @param {(standin: StandIn) => void} touched
   */
  #grab(event, touched) {
    const grip = /** @type {HTMLElement | null} */ (target(event).closest("[data-drag]"));
    if (!grip || event.button > 0) return;
    event.preventDefault();   // nothing is selected on the way
    const svg = /** @type {SVGSVGElement} */ (this.figure.querySelector(this.drawing));
    const moved = (/** @type {PointerEvent} */ { clientX, clientY }) => {
      const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM()?.inverse());
      this.gesture = { drag: grip.dataset.drag, x, y, phase: "end" };
    };
    grip.setPointerCapture(event.pointerId);
    grip.addEventListener("pointermove", moved);
    grip.addEventListener("lostpointercapture", () => grip.removeEventListener("pointermove", moved), { once: true });
    touched(this);
  }

  /**
   * A finger on a slider may mean to scroll the page, and browsers set the slider at its first touch.
   * So it counts when it is lifted, and what a scroll has set is put back.
   * @param {PointerEvent} event
   */
  #hold(event) {
    const slider = /** @type {HTMLInputElement} */ (event.target);
    const finger = event.pointerType === "touch" && slider.type === "range";
    this.#held = finger ? { slider, before: slider.value, scrolled: false } : null;
  }

  #scrolled() {
    const held = this.#held;
    if (!held) return;
    held.scrolled = true;
    held.slider.value = held.before;
    this.#follow(held.slider, String(held.slider.dataset.trait));
  }

  /**
   * @param {Event} event
   * @param {(standin: StandIn) => void} touched
   */
  #change(event, touched) {
    const control = /** @type {Control} */ (event.target);
    const name = control.dataset.trait;
    if (!name) return;
    const held = this.#held?.slider === control ? this.#held : null;
    if (held && (held.scrolled || event.type === "input")) this.#follow(control, name);
    else this.#take(control, touched);
  }

  /**
   * @param {Control} control
   * @param {(standin: StandIn) => void} touched
   */
  #take(control, touched) {
    const name = String(control.dataset.trait);
    this.set.set(name, control);
    this.last = control;
    this.#follow(control, name);
    touched(this);
  }

  /**
   * Box and slider of the same number move together even now.
   * @param {Control} from
   * @param {string} name
   */
  #follow(from, name) {
    const same = this.figure.querySelectorAll(`[data-trait="${CSS.escape(name)}"]`);
    for (const other of /** @type {Control[]} */ ([...same])) {
      if (other === from || other.type === "checkbox") continue;
      const number = read(from);
      other.value = typeof number === "number" && other.dataset.scale === "log" ? String(Math.log10(number)) : String(number);
    }
  }

  /** @param {boolean} yes */
  waiting(yes) {
    this.figure.classList.toggle("live-waiting", yes);
    this.figure.toggleAttribute("aria-busy", yes);
  }

  /**
   * Hands what was done to the live widget: its model has the traits, its buttons the actions.
   * @param {any} model
   * @param {HTMLElement} place
   */
  async handOver(model, place) {
    /** @type {Record<string, any>} */
    const traits = {};
    for (const [name, control] of this.set) {
      const part = /^(.*)-(\d+)$/.exec(name);
      if (part && model.has(part[1])) {
        traits[part[1]] ??= [...model.get(part[1])];
        traits[part[1]][Number(part[2])] = read(control);
      } else if (model.has(name)) {
        traits[name] = read(control);
      }
    }
    if (Object.keys(traits).length) {
      model.set(traits);
      model.save_changes();
    }
    if (this.gesture) {
      const picture = model.get("children").at(-1);
      picture.set("gesture", this.gesture);
      picture.save_changes();
      this.gesture = null;
    }
    const focus = this.#focused();
    this.set.clear();
    const root = await this.#appears(place);
    if (!root) return;
    for (const action of this.pressed.splice(0)) {
      /** @type {HTMLElement | null} */ (root.querySelector(this.#control(action)))?.click();
    }
    if (focus) this.#focus(root, focus);
  }

  /* Only where the focus still is what it was: nobody is pulled away from elsewhere. */
  #focused() {
    const active = /** @type {Control | null} */ (document.activeElement);
    if (active && this.figure.contains(active) && active.matches(CONTROLS)) return active;
    return active === document.body && this.last ? this.last : null;
  }

  /**
   * @param {Element} root
   * @param {Control} control
   */
  #focus(root, control) {
    const name = String(control.dataset.trait ?? control.dataset.action).replace(/-\d+$/, "");
    const same = /** @type {Control[]} */ ([...this.figure.querySelectorAll(`[data-trait^="${name}"], [data-action="${name}"]`)]);
    const kind = control.type === "range" ? ".noUi-handle" : "input:not([type=range]), select, textarea, button";
    const alike = same.filter((c) => (c.type === "range") === (control.type === "range"));
    const found = [...root.querySelectorAll(this.#control(name))].flatMap((row) =>
      row.matches(kind) ? [row] : [...row.querySelectorAll(kind)],
    );
    /** @type {HTMLElement | undefined} */ (found[Math.max(0, alike.indexOf(control))])?.focus();
  }

  /** @param {string} name of a trait or an action */
  #control(name) {
    return `.${this.classes.control}${CSS.escape(name)}`;
  }

  /**
   * The live widget's element, once it is drawn.
   * @param {HTMLElement} place
   */
  async #appears(place) {
    const widget = `.${this.classes.widget}`;
    for (let frame = 0; frame < 120; frame++) {
      const root = place.querySelector(widget);
      if (root?.querySelector(this.drawing)) return root;
      await new Promise((next) => setTimeout(next, 16));
    }
    return place.querySelector(widget);
  }
}

/** @param {Event} event */
const target = (event) => /** @type {Element} */ (event.target);

/**
 * The value of a control: a boolean, a number or a text.
 * @param {any} control
 */
export function read(control) {
  if (control.type === "checkbox") return control.checked;
  if (control.type === "range") {
    const value = Number(control.value);
    return control.dataset.scale === "log" ? Number((10 ** value).toPrecision(6)) : value;
  }
  return control.type === "number" ? Number(control.value) : control.value;
}
