/* Python on the page: one kernel, one widget manager, cells that run one after the other. */
import { Kernel } from "./kernel.js";

const style = (url) => new Promise((resolve) => {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: url });
  link.onload = link.onerror = resolve;
  document.head.append(link);
});

const STYLES = ["alive.css", "icons.css"];
let front;   // loaded once, whatever happens to kernels

function loadFront(root) {
  front ??= Promise.all([import("./front.js"), ...STYLES.map((name) => style(new URL(name, root)))]).then(([parts]) => parts);
  front.catch(() => { front = null; });
  return front;
}

export class Session {
  #owners = new Map();   // message id → the cell whose output area takes what comes back

  constructor({ root, page, progress }) {
    Object.assign(this, { root, page });
    this.kernel = new Kernel({ receive: (message) => this.#receive(message), progress });
  }

  async start() {
    const kernel = this.kernel.start(this.root, this.page);
    const parts = loadFront(this.root).catch(() => {
      // Some browsers remember that a module could not be had for as long as the page stands.
      throw new Error("The part of this page that shows widgets could not be had: reload the page to try again.");
    });
    const ready = Promise.all([parts, kernel]);
    this.#dress(await Promise.race([parts, ready.then(([front]) => front)]));
    await ready;
  }

  #dress(parts) {
    this.front = parts;
    parts.offerHub();
    this.displays = new parts.Displays();
    this.manager = new parts.Manager(this.kernel, {
      sent: (id, comm) => this.#owners.set(id, this.manager.owners.get(comm)),
    });
  }

  async execute(cell) {
    cell.begin(new this.front.Outputs(cell.live, this.manager));
    const status = await this.kernel.execute(cell.code, (id) => this.#owners.set(id, cell));
    cell.ran = true;
    return status;
  }

  stop() {
    this.kernel.stop();
  }

  async #receive(message) {
    const { type, parent, content } = message;
    const cell = this.#owners.get(parent);
    if (type.startsWith("comm_")) {
      await this.manager.receive(message, cell);
      return;
    }
    if (type === "stage") {
      cell?.stage(message.words);
      return;
    }
    if (content.output_type === "update_display_data") {
      this.displays.update(content);
      return;
    }
    const captured = this.manager.capture(parent);
    const target = captured ?? cell?.outputs?.model;
    if (!target || target.isDisposed) return;
    if (type === "clear") {
      target.clear(content.wait);
      return;
    }
    if (content.output_type === "error" && cell && !captured) cell.error = content;
    this.displays.add(target, content);
    if (!captured) cell?.reveal();
  }
}
