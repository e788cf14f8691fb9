/* Widgets before there is a kernel: what is done to one is answered by its own script, or starts
   Python, and is not lost. */
import { asSent, read } from "./dom.js";

const CONTROLS = "input, select, textarea, button";
const LONGEST = 10_000;   // milliseconds that a live widget may take to come to the reader's state

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
  dragging = false;  // a pointer holds a part of the drawing
  /** @type {{ slider: HTMLInputElement, before: string, state: Record<string, any> | undefined, scrolled: boolean } | null}
      the slider that a finger was put on last, and what held then */
  #held = null;
  /** @type {import("./answering.js").Answering | null} what answers without Python */
  answering = null;
  /** @type {Promise<void>} resolves when it answers, if it has what to answer by */
  prepared = Promise.resolve();

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
      this.last = action;
      if (!this.answering?.press(String(action.dataset.action))) this.pressed.push(String(action.dataset.action));
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
   * What was done before there was a script to see it; whether there is any. What a browser itself
   * put back, after a reload, gives way to what the page shows.
   * @param {boolean} acted whether the reader has done anything on this page
   */
  takeEarly(acted) {
    const controls = /** @type {Control[]} */ ([...this.figure.querySelectorAll("[data-trait]")]);
    const moved = controls.filter((control) => read(control) !== read(asSent(control)));
    for (const control of moved) {
      if (!acted) putBack(control);
      else if (control !== document.activeElement || !typed(control)) this.#note(control);
    }
    return this.set.size > 0;
  }

  /** Whether what was done here is answered, without Python. */
  get answered() {
    return Boolean(this.answering) && !this.gesture && !this.pressed.length && !this.set.size;
  }

  /** What was done before there was anything to answer it. */
  catchUp() {
    const { answering, gesture } = this;
    if (!answering || this.answered) return;
    for (const [name, control] of this.set) if (answering.set(control)) this.set.delete(name);
    this.pressed = this.pressed.filter((action) => !answering.press(action));
    if (gesture && answering.drag(gesture)) this.gesture = null;
  }

  /**
   * A drawing that nothing answers stands still until it lives; where the pointer went is remembered
   * for it.
   * @param {PointerEvent} event
   * @param {(standin: StandIn) => void} touched
   */
  #grab(event, touched) {
    const grip = /** @type {HTMLElement | null} */ (target(event).closest("[data-drag]"));
    if (!grip || event.button > 0) return;
    event.preventDefault();   // nothing is selected on the way
    // The drawing may be replaced while the pointer moves, so its frame holds the pointer.
    const frame = /** @type {HTMLElement} */ (this.figure.querySelector(`.${this.classes.picture}`));
    const seen = () => frame.getClientRects().length > 0;  // not where the live widget has taken over
    const moved = (/** @type {PointerEvent} */ { clientX, clientY }) => {
      if (!seen()) return;
      const svg = /** @type {SVGSVGElement} */ (this.figure.querySelector(this.drawing));
      const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM()?.inverse());
      const gesture = { drag: grip.dataset.drag, x, y, phase: "end" };
      if (!this.answering?.drag(gesture)) this.gesture = gesture;
    };
    this.answering?.still();
    this.dragging = true;
    frame.setPointerCapture(event.pointerId);
    frame.addEventListener("pointermove", moved);
    frame.addEventListener("lostpointercapture", () => {
      this.dragging = false;
      frame.removeEventListener("pointermove", moved);
      if (this.answering && seen()) touched(this);
    }, { once: true });
    if (!this.answering) touched(this);
  }

  /**
   * A finger on a slider may mean to scroll the page, and browsers set the slider at its first touch.
   * So it counts when it is lifted, and what a scroll has set is put back.
   * @param {PointerEvent} event
   */
  #hold(event) {
    const slider = /** @type {HTMLInputElement} */ (event.target);
    const finger = event.pointerType === "touch" && slider.type === "range";
    this.#held = finger ? { slider, before: slider.value, state: this.answering?.state, scrolled: false } : null;
  }

  #scrolled() {
    const held = this.#held;
    if (!held) return;
    held.scrolled = true;
    held.slider.value = held.before;
    const { state } = held;  // a slider's step is not the number that stood there
    if (!state || !this.answering?.take(() => state)) this.#follow(held.slider, String(held.slider.dataset.trait));
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
    const waits = held && (held.scrolled || event.type === "input");
    // What is typed counts when it is whole.
    const unfinished = event.type === "input" && typed(control);
    if (this.answering && !held?.scrolled && (unfinished || this.answering.set(control))) {
      this.last = control;
      if (!waits && !unfinished) touched(this);
    } else if (waits) this.#follow(control, name);
    else {
      this.#note(control);
      touched(this);
    }
  }

  /** @param {Control} control */
  #note(control) {
    const name = String(control.dataset.trait);
    this.set.set(name, control);
    this.last = control;
    this.#follow(control, name);
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
   * Hands what was done to the live widget: its model has the traits, its buttons the actions. It is
   * shown once it stands where the reader left it.
   * @param {any} model
   * @param {HTMLElement} place
   * @param {() => void} show
   */
  async handOver(model, place, show) {
    const { answering } = this;
    // A slider reports where it stands as it is drawn: after what is set here, that would undo it.
    const root = await this.#appears(place);
    if (answering?.changed) await this.#agree(model, answering);
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
      await taken(model);
    }
    if (this.gesture) {
      const picture = model.get("children").at(-1);
      picture.set("gesture", this.gesture);
      picture.save_changes();
      this.gesture = null;
    }
    const focus = this.#focused();
    this.set.clear();
    if (answering) answering.changed = false;
    show();
    if (!root) return;
    for (const action of this.pressed.splice(0)) {
      /** @type {HTMLElement | null} */ (root.querySelector(this.#control(action)))?.click();
    }
    if (focus) this.#focus(root, focus);
  }

  /**
   * The live widget in the state that was answered. What brings another trait along comes first.
   * @param {any} model
   * @param {import("./answering.js").Answering} answering
   */
  async #agree(model, answering) {
    const first = Object.keys(answering.widget.follows ?? {});
    const { state } = answering;
    const rest = Object.keys(state).filter((name) => !first.includes(name));
    for (const names of [first, rest]) {
      const changes = Object.fromEntries(names.filter((name) => model.get(name) !== state[name]).map((name) => [name, state[name]]));
      if (!Object.keys(changes).length) continue;
      model.set(changes);
      await taken(model);
    }
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

/** @param {Control} control */
const typed = (control) => control.type === "number" || control.type === "text";

/** @param {Control} control */
function putBack(control) {
  const sent = asSent(control);
  /** @type {HTMLInputElement} */ (control).checked = sent.checked;
  control.value = sent.value;
}

/**
 * Resolves when Python has taken what was set, and all that it answers is here.
 * @param {any} model
 */
function taken(model) {
  return new Promise((done) => {
    setTimeout(done, LONGEST);   // a kernel that was stopped answers no more
    const status = (/** @type {any} */ { content }) => { if (content.execution_state === "idle") done(null); };
    model.save_changes({ iopub: { status } });
  });
}
