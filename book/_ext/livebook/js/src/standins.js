/* Widgets before there is a kernel: the first thing done to one starts Python, and is not lost. */

const CONTROLS = "input, select, button";

export class StandIn {
  set = new Map();       // trait → control: what the reader has changed
  pressed = [];          // actions, in order
  gesture = null;        // where the pointer took a part of the drawing

  constructor(figure, cell, touched) {
    Object.assign(this, { figure, cell });
    figure.addEventListener("input", (event) => this.#change(event, touched));
    figure.addEventListener("change", (event) => this.#change(event, touched));
    figure.addEventListener("click", (event) => {
      const action = event.target.closest("button[data-action]");
      if (!action) return;
      this.pressed.push(action.dataset.action);
      this.last = action;
      touched(this);
    });
    figure.addEventListener("pointerdown", (event) => this.#grab(event, touched));
  }

  /* The drawing stands still until it lives; where the pointer went is remembered for it. */
  #grab(event, touched) {
    const grip = event.target.closest("[data-drag]");
    if (!grip || event.button > 0) return;
    event.preventDefault();   // nothing is selected on the way
    const svg = this.figure.querySelector(".explore-picture svg");
    const moved = ({ clientX, clientY }) => {
      const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
      this.gesture = { drag: grip.dataset.drag, x, y, phase: "end" };
    };
    grip.setPointerCapture(event.pointerId);
    grip.addEventListener("pointermove", moved);
    grip.addEventListener("lostpointercapture", () => grip.removeEventListener("pointermove", moved), { once: true });
    touched(this);
  }

  #change({ target }, touched) {
    const name = target.dataset.trait;
    if (!name) return;
    this.set.set(name, target);
    this.last = target;
    this.#follow(target);
    touched(this);
  }

  /* Box and slider of the same number move together even now. */
  #follow(from) {
    for (const other of this.figure.querySelectorAll(`[data-trait="${CSS.escape(from.dataset.trait)}"]`)) {
      if (other === from || other.type === "checkbox") continue;
      const number = read(from);
      other.value = typeof number === "number" && other.dataset.scale === "log" ? Math.log10(number) : String(number);
    }
  }

  waiting(yes) {
    this.figure.classList.toggle("live-waiting", yes);
    this.figure.toggleAttribute("aria-busy", yes);
  }

  /* Hands what was done to the live widget: its model has the traits, its buttons the actions. */
  async handOver(model, place) {
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
    const root = await appears(place);
    if (!root) return;
    for (const action of this.pressed.splice(0)) root.querySelector(`.explore-${CSS.escape(action)}`)?.click();
    if (focus) this.#focus(root, focus);
  }

  /* Only where the focus still is what it was: nobody is pulled away from elsewhere. */
  #focused() {
    const active = document.activeElement;
    if (this.figure.contains(active) && active.matches(CONTROLS)) return active;
    return active === document.body && this.last ? this.last : null;
  }

  #focus(root, control) {
    const name = (control.dataset.trait ?? control.dataset.action).replace(/-\d+$/, "");
    const same = [...this.figure.querySelectorAll(`[data-trait^="${name}"], [data-action="${name}"]`)];
    const kind = control.type === "range" ? ".noUi-handle" : "input:not([type=range]), select, button";
    const alike = same.filter((c) => (c.type === "range") === (control.type === "range"));
    const found = [...root.querySelectorAll(`.explore-${CSS.escape(name)}`)].flatMap((row) =>
      row.matches(kind) ? [row] : [...row.querySelectorAll(kind)],
    );
    found[Math.max(0, alike.indexOf(control))]?.focus();
  }
}

function read(control) {
  if (control.type === "checkbox") return control.checked;
  if (control.type === "range") {
    const value = Number(control.value);
    return control.dataset.scale === "log" ? Number((10 ** value).toPrecision(6)) : value;
  }
  return control.type === "number" ? Number(control.value) : control.value;
}

/* The live widget's element, once it is drawn. */
async function appears(place) {
  for (let frame = 0; frame < 120; frame++) {
    const root = place.querySelector(".dualedu-explore");
    if (root?.querySelector(".explore-picture svg")) return root;
    await new Promise((next) => setTimeout(next, 16));
  }
  return place.querySelector(".dualedu-explore");
}
