/* Displays with a name, which later messages may replace wherever they stand. */

/** @typedef {import("./protocol").OutputContent} OutputContent */
/**
 * What is used of Jupyter's output areas.
 * @typedef {{ length: number, isDisposed: boolean, get(index: number): any,
 *             add(output: any): any, set(index: number, output: any): void }} Model
 */

export class Displays {
  /** @type {Map<string, { model: Model, item: any }[]>} */
  #places = new Map();   // by the names of displays

  /** @param {Model} model @param {OutputContent} content */
  add(model, { transient, ...output }) {
    model.add(output);
    const id = transient?.display_id;
    if (!id) return;
    const places = this.#places.get(id) ?? [];
    places.push({ model, item: model.get(model.length - 1) });
    this.#places.set(id, places);
  }

  /** @param {OutputContent} content */
  update({ transient, ...output }) {
    const id = transient?.display_id ?? "";
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

/** @param {Model} model @param {any} item */
function indexOf(model, item) {
  for (let index = 0; index < model.length; index++) {
    if (model.get(index) === item) return index;
  }
  return -1;
}
