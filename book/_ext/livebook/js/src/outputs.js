/* What a cell puts out: Jupyter's output area, which renders every MIME type. */
import { OutputArea, OutputAreaModel } from "@jupyterlab/outputarea";
import { Widget } from "@lumino/widgets";

export class Outputs {
  /**
   * @param {HTMLElement} parent
   * @param {import("./widgets.js").Manager} manager
   */
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
