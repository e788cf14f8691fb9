/* What only a live page needs: widgets and outputs. Loaded when Python starts. */
export { Displays } from "./displays.js";
export { offerHub } from "./mathematics.js";
export { Outputs } from "./outputs.js";
export { Manager } from "./widgets.js";
