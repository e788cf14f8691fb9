/* What a cell puts out: Jupyter's output area, which renders every MIME type, and its updates. */
import { OutputArea, OutputAreaModel } from "@jupyterlab/outputarea";
import { Widget } from "@lumino/widgets";

export class Outputs {
  constructor(parent, manager) {
    this.element = parent.appendChild(document.createElement("div"));
    this.element.hidden = true;   // until there is something to see
    this.model = new OutputAreaModel({ trusted: true });
    this.area = new OutputArea({ model: this.model, rendermime: manager.renderMime });
    Widget.attach(this.area, this.element);
  }

  show() {
    this.element.hidden = false;
  }

  dispose() {
    this.area.dispose();
    this.model.dispose();
    this.element.remove();
  }
}

/* Displays with a name, which later messages may replace wherever they stand. */
export class Displays {
  #places = new Map();   // display id → [{ model, item }]

  add(model, { transient, ...output }) {
    model.add(output);
    const id = transient?.display_id;
    if (!id) return;
    if (!this.#places.has(id)) this.#places.set(id, []);
    this.#places.get(id).push({ model, item: model.get(model.length - 1) });
  }

  update({ transient, ...output }) {
    const id = transient?.display_id;
    const present = (this.#places.get(id) ?? []).filter(({ model, item }) => {
      return !model.isDisposed && indexOf(model, item) >= 0;
    });
    for (const place of present) {
      const index = indexOf(place.model, place.item);
      place.model.set(index, { ...output, output_type: "display_data" });
      place.item = place.model.get(index);
    }
    this.#places.set(id, present);
  }
}

function indexOf(model, item) {
  for (let index = 0; index < model.length; index++) {
    if (model.get(index) === item) return index;
  }
  return -1;
}
