/* Python on the page: one kernel, one widget manager, cells that run one after the other. */
import { Told } from "./errors.js";
import { Kernel } from "./kernel.js";
import { guard } from "./leaving.js";
import { Owners } from "./owners.js";

/** @typedef {import("./cells.js").Cell} Cell */

/** @param {URL} url */
const style = (url) => new Promise((resolve) => {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: url.href });
  link.onload = link.onerror = resolve;
  document.head.append(link);
});

guard();

const STYLES = ["alive.css", "icons.css"];
/** @type {Promise<any> | null} */
let front = null;   // loaded once, whatever happens to kernels

/** @param {URL} root */
function loadFront(root) {
  front ??= Promise.all([import("./front.js"), ...STYLES.map((name) => style(new URL(`${name}?v=${VERSION}`, root)))]).then(([parts]) => parts);
  front.catch(() => { front = null; });
  return front;
}

export class Session {
  /** @type {Owners<Cell>} */
  #owners = new Owners();   // the cells whose output areas take what comes back

  /**
   * @param {object} given
   * @param {URL} given.root
   * @param {{ again: boolean, saves: boolean, imports: string[], folder: string, code: string }} given.page
   * @param {(news: any) => void} given.progress
   */
  constructor({ root, page, progress }) {
    this.root = root;
    this.page = page;
    this.kernel = new Kernel({
      receive: (message) => this.#receive(message),
      progress,
      answered: (id) => this.#owners.answered(id),
    });
  }

  async start() {
    const kernel = this.kernel.start(this.root, this.page);
    const parts = loadFront(this.root).catch(() => {
      // Some browsers remember that a module could not be had for as long as the page stands.
      throw new Told("The part of this page that shows widgets could not be had: reload the page to try again.");
    });
    const ready = Promise.all([parts, kernel]);
    this.#dress(await Promise.race([parts, ready.then(([front]) => front)]));
    await ready;
  }

  /** @param {any} parts what front.js exports */
  #dress(parts) {
    this.front = parts;
    parts.offerHub();
    this.displays = new parts.Displays();
    this.manager = new parts.Manager(this.kernel, {
      sent: (/** @type {string} */ id, /** @type {string} */ comm) => this.#owners.set(id, this.manager.owners.get(comm)),
    });
  }

  /** @param {Cell} cell */
  async execute(cell) {
    cell.begin(new this.front.Outputs(cell.live, this.manager));
    const status = await this.kernel.execute(cell.code, (id) => this.#owners.set(id, cell));
    cell.ran = true;
    return status;
  }

  /** @param {string} before @param {string} after */
  complete(before, after) {
    return this.kernel.complete(before, after);
  }

  /** @param {string} name */
  describe(name) {
    return this.kernel.describe(name);
  }

  stop() {
    this.kernel.stop();
  }

  /** @param {import("./protocol").Answer} message */
  async #receive(message) {
    const cell = this.#owners.get(message.parent);
    switch (message.type) {
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        await this.manager.receive(message, cell);
        break;
      case "stage":
        cell?.stage(message.words);
        break;
      case "clear":
        this.#target(message.parent, cell)?.clear(message.content.wait);
        break;
      case "output":
        this.#output(message, cell);
    }
  }

  /**
   * @param {import("./protocol").Output} message
   * @param {Cell | undefined} cell
   */
  #output({ parent, content }, cell) {
    if (content.output_type === "update_display_data") {
      this.displays.update(content);
      return;
    }
    const target = this.#target(parent, cell);
    if (!target) return;
    const captured = target !== cell?.outputs?.model;
    if (content.output_type === "error" && cell && !captured) cell.error = content;
    this.displays.add(target, content);
    if (!captured) cell?.reveal();
  }

  /**
   * Where the outputs of a message go: an Output widget takes them, or the cell.
   * @param {string} parent
   * @param {Cell | undefined} cell
   */
  #target(parent, cell) {
    const target = this.manager.capture(parent) ?? cell?.outputs?.model;
    return target?.isDisposed ? undefined : target;
  }
}
