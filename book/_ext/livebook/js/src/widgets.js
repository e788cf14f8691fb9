/* Jupyter's own widget manager, with comms that end in the worker and no module from elsewhere. */
import * as base from "@jupyter-widgets/base";
import * as controls from "@jupyter-widgets/controls";
import { HTMLManager } from "@jupyter-widgets/html-manager/lib/htmlmanager";
import * as output from "@jupyter-widgets/html-manager/lib/output";
import "anywidget";
import { latest } from "./amd.js";
import { markdown } from "./markdown.js";
import { typeset } from "./mathematics.js";

/**
 * @typedef {import("./protocol").Values} Values
 * @typedef {import("./cells.js").Cell} Cell
 * @typedef {(ArrayBuffer | ArrayBufferView)[]} Buffers
 */

/** @type {Record<string, any>} */
const MODULES = {
  "@jupyter-widgets/base": base,
  "@jupyter-widgets/controls": controls,
  "@jupyter-widgets/output": output,
  anywidget: latest()(base),
};

class Comm {
  /** @type {((message: any) => any) | undefined} */
  message;
  /** @type {((message: any) => any) | undefined} */
  closed;

  /**
   * @param {Manager} manager
   * @param {string} id
   * @param {string} target
   */
  constructor(manager, id, target) {
    this.manager = manager;
    this.comm_id = id;
    this.target_name = target;
    manager.comms.set(id, this);
  }

  /**
   * @param {import("./protocol").CommType} type
   * @param {any} data
   * @param {any} callbacks
   * @param {Values | undefined} metadata
   * @param {Buffers | undefined} buffers
   * @returns {string} the message's id
   */
  #send(type, data, callbacks, metadata, buffers) {
    const content = { comm_id: this.comm_id, target_name: this.target_name, data: data ?? {} };
    let message = "";
    const idle = () => callbacks?.iopub?.status?.({ content: { execution_state: "idle" } });
    this.manager.kernel
      .comm(type, content, metadata, buffers, (id) => {
        message = id;
        this.manager.sent(id, this.comm_id);
      })
      .then(idle, () => {});  // a kernel that was stopped answers no more
    return message;
  }

  /** @param {any} data @param {any} [callbacks] @param {Values} [metadata] @param {Buffers} [buffers] */
  open(data, callbacks, metadata, buffers) {
    return this.#send("comm_open", data, callbacks, metadata, buffers);
  }

  /** @param {any} data @param {any} [callbacks] @param {Values} [metadata] @param {Buffers} [buffers] */
  send(data, callbacks, metadata, buffers) {
    return this.#send("comm_msg", data, callbacks, metadata, buffers);
  }

  /** @param {any} data @param {any} [callbacks] @param {Values} [metadata] @param {Buffers} [buffers] */
  close(data, callbacks, metadata, buffers) {
    this.manager.comms.delete(this.comm_id);
    return this.#send("comm_close", data, callbacks, metadata, buffers);
  }

  /** @param {(message: any) => any} take */
  on_msg(take) {
    this.message = take;
  }

  /** @param {(message: any) => any} take */
  on_close(take) {
    this.closed = take;
  }
}

export class Manager extends HTMLManager {
  /** @type {Map<string, Comm>} by id */
  comms = new Map();
  /** @type {Map<string, Set<any>>} by message, the Output widgets that take what it prints */
  capturing = new Map();
  /** @type {Map<string, Cell | undefined>} by comm, the cell that made it */
  owners = new Map();

  /**
   * @param {import("./kernel.js").Kernel} kernel
   * @param {{ sent: (id: string, comm: string) => void }} takers
   */
  constructor(kernel, { sent }) {
    super();
    this.kernel = kernel;
    this.sent = sent;
    const rendermime = /** @type {any} */ (this.renderMime);
    rendermime.latexTypesetter = { typeset };
    rendermime.markdownParser = { render: markdown };
  }

  /**
   * @param {string} target
   * @param {string} id
   * @param {any} [data]
   * @param {any} [metadata]
   * @param {any} [buffers]
   */
  async _create_comm(target, id, data, metadata, buffers) {
    const comm = new Comm(this, id || base.uuid(), target);
    if (data || metadata) comm.open(data, undefined, metadata, buffers);
    return comm;
  }

  /**
   * @param {string} name
   * @param {string} module
   * @param {string} version
   */
  async loadClass(name, module, version) {
    const known = MODULES[module];
    if (!known) throw new Error(`The widget ${name} needs the module ${module} ${version}, which this book does not bring.`);
    return known[name];
  }

  /**
   * @param {import("./protocol").CommAnswer} message
   * @param {Cell | undefined} owner
   */
  async receive({ type, content, metadata, buffers }, owner) {
    const message = { content, metadata, buffers: buffers.map((buffer) => new DataView(buffer)) };
    const comm = this.comms.get(content.comm_id);
    switch (type) {
      case "comm_open": {
        this.owners.set(content.comm_id, owner);
        const model = await this.handle_comm_open(new Comm(this, content.comm_id, content.target_name ?? ""), /** @type {any} */ (message));
        if (model instanceof output.OutputModel) this.#watch(model);
        break;
      }
      case "comm_msg":
        await comm?.message?.(message);
        break;
      case "comm_close":
        this.comms.delete(content.comm_id);
        this.owners.delete(content.comm_id);
        comm?.closed?.(message);
    }
  }

  /**
   * An Output widget names the message whose outputs are its own, for as long as they are.
   * @param {output.OutputModel} model
   */
  #watch(model) {
    const follow = () => {
      for (const [message, taking] of this.capturing) {
        taking.delete(model);
        if (!taking.size) this.capturing.delete(message);
      }
      const id = model.get("msg_id");
      if (!id) return;
      const taking = this.capturing.get(id) ?? new Set();
      this.capturing.set(id, taking.add(model));
    };
    model.on("change:msg_id", follow);
    follow();
  }

  /**
   * The innermost Output widget that takes the outputs of a message.
   * @param {string} id
   */
  capture(id) {
    return [...(this.capturing.get(id) ?? [])].at(-1)?.outputs;
  }
}
