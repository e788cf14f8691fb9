/* What only a live page needs: widgets and outputs. Loaded when Python starts. */
export { offerHub } from "./mathematics.js";
export { Displays, Outputs } from "./outputs.js";
export { Manager } from "./widgets.js";
