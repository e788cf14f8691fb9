/* What only a live page needs: widgets, outputs, the editor. Loaded when Python starts. */
export { makeEditor } from "./editor.js";
export { offerHub } from "./mathematics.js";
export { Displays, Outputs } from "./outputs.js";
export { Manager } from "./widgets.js";
