/* The widgets that answer on a page without a kernel, by their names. Python's numbers and pictures
   are the pattern; the tests hold these against them. */
import { stored } from "./kit/stored.js";

export { Elsewhere, Refused } from "./kit/refusals.js";
export { number } from "./kit/numerals.js";

export const answers = {
  TangentArrow: () => import("./tangent_arrow/answer.js"),
  ProductArea: () => import("./product_area/answer.js"),
  TraceStepper: () => import("./trace_stepper/answer.js"),
  BugSwitchboard: (figure) => stored("bug_switchboard", figure),
  ForwardGradientLab: (figure) => stored("forward_gradient_lab", figure),
};
