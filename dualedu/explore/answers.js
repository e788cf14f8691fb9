/* The widgets that answer on a page without a kernel, by their names. Python's numbers and pictures
   are the pattern; the tests hold these against them. */
export { Elsewhere, Refused } from "./kit/refusals.js";
export { number } from "./kit/numerals.js";

/** @param {string} room @param {HTMLElement} figure */
const stored = async (room, figure) => (await import("./kit/stored.js")).stored(room, figure);

export const answers = {
  TangentArrow: () => import("./tangent_arrow/answer.js"),
  ProductArea: () => import("./product_area/answer.js"),
  TraceStepper: () => import("./trace_stepper/answer.js"),
  BugSwitchboard: (figure) => stored("bug_switchboard", figure),
  ForwardGradientLab: (figure) => stored("forward_gradient_lab", figure),
};
