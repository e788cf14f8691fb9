/* Jupyter's own widget manager, with comms that end in the worker and no module from elsewhere. */
import * as base from "@jupyter-widgets/base";
import * as controls from "@jupyter-widgets/controls";
import { HTMLManager } from "@jupyter-widgets/html-manager/lib/htmlmanager";
import * as output from "@jupyter-widgets/html-manager/lib/output";
import "anywidget";
import { latest } from "./amd.js";
import { markdown } from "./markdown.js";
import { typeset } from "./mathematics.js";

const MODULES = {
  "@jupyter-widgets/base": base,
  "@jupyter-widgets/controls": controls,
  "@jupyter-widgets/output": output,
  anywidget: latest()(base),
};

class Comm {
  constructor(manager, id, target) {
    Object.assign(this, { manager, comm_id: id, target_name: target });
    manager.comms.set(id, this);
  }

  #send(type, data, callbacks, metadata, buffers) {
    const content = { comm_id: this.comm_id, target_name: this.target_name, data: data ?? {} };
    let message;
    const idle = () => callbacks?.iopub?.status?.({ content: { execution_state: "idle" } });
    this.manager.kernel
      .comm(type, content, metadata, buffers, (id) => {
        message = id;
        this.manager.sent(id, this.comm_id);
      })
      .then(idle, () => {});  // a kernel that was stopped answers no more
    return message;
  }

  open(data, callbacks, metadata, buffers) {
    return this.#send("comm_open", data, callbacks, metadata, buffers);
  }

  send(data, callbacks, metadata, buffers) {
    return this.#send("comm_msg", data, callbacks, metadata, buffers);
  }

  close(data, callbacks, metadata, buffers) {
    this.manager.comms.delete(this.comm_id);
    return this.#send("comm_close", data, callbacks, metadata, buffers);
  }

  on_msg(take) {
    this.message = take;
  }

  on_close(take) {
    this.closed = take;
  }
}

export class Manager extends HTMLManager {
  comms = new Map();
  capturing = new Map();   // message id → the Output widgets that take what it prints
  owners = new Map();      // comm id → the output area of the cell that made it

  constructor(kernel, { sent }) {
    super();
    this.kernel = kernel;
    this.sent = sent;
    this.renderMime.latexTypesetter = { typeset };
    this.renderMime.markdownParser = { render: markdown };
  }

  async _create_comm(target, id, data, metadata, buffers) {
    const comm = new Comm(this, id || base.uuid(), target);
    if (data || metadata) comm.open(data, undefined, metadata, buffers);
    return comm;
  }

  async loadClass(name, module, version) {
    const known = MODULES[module];
    if (!known) throw new Error(`The widget ${name} needs the module ${module} ${version}, which this book does not bring.`);
    return known[name];
  }

  async receive({ type, content, metadata, buffers }, owner) {
    const message = { content, metadata, buffers: buffers.map((buffer) => new DataView(buffer)) };
    const comm = this.comms.get(content.comm_id);
    switch (type) {
      case "comm_open": {
        this.owners.set(content.comm_id, owner);
        const model = await this.handle_comm_open(new Comm(this, content.comm_id, content.target_name), message);
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

  /* An Output widget names the message whose outputs are its own, for as long as they are. */
  #watch(model) {
    const follow = () => {
      for (const taking of this.capturing.values()) taking.delete(model);
      const id = model.get("msg_id");
      if (!id) return;
      if (!this.capturing.has(id)) this.capturing.set(id, new Set());
      this.capturing.get(id).add(model);
    };
    model.on("change:msg_id", follow);
    follow();
  }

  /* The innermost Output widget that takes the outputs of a message. */
  capture(id) {
    return [...(this.capturing.get(id) ?? [])].at(-1)?.outputs;
  }
}
