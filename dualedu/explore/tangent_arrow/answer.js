/* TangentArrow without Python: model.py and drawing.py, word for word and line for line. */
import { Elsewhere, Refused } from "../kit/refusals.js";
import { parse, valueOf } from "../kit/expressions.js";
import { dual, fixed, number, signed } from "../kit/numerals.js";
import { GREY, INK, PRIMAL, Plane, TANGENT, TANGENT_INK, arrow, dot, line, picture, text, words } from "../kit/svg.js";

const WINDOW = [-4, 4];
const HEAD = 34;
const TOP = HEAD + 250;
const FINGER = 26;
const POINTS = 161;

class Slopes {
  constructor(expression, x, h) {
    this.x = x;
    this.h = h;
    this.expression = expression;
    this.value = this.at(x);
    this.ahead = this.at(x + h);
    this.slope = this.slopeAt(x);
    for (const [place, value] of [[x, this.value], [x + h, this.ahead]]) {
      if (Number.isFinite(value)) continue;
      throw new Refused(`${expression.text} has no finite value at x = ${number(place, 6)}: choose another x or h.`);
    }
    if (!Number.isFinite(this.slope)) {
      throw new Refused(`${expression.text} has no finite slope at x = ${number(x, 6)}.`);
    }
    this.kink = this.#kink();
    this.secant = (this.ahead - this.value) / h;
    this.error = Math.abs(this.secant - this.slope);
    const sizes = Math.abs(this.value) + Math.abs(this.ahead) + Math.abs(x * this.slope);
    this.rounding = (Number.EPSILON * sizes) / h;
    this.lost = x + h === x;
    this.rounded = this.error <= this.rounding && !this.lost;
  }

  at(x) {
    return valueOf(this.expression, { x });
  }

  slopeAt(x) {
    return valueOf(this.expression, { x: { p: x, t: 1 } }).t ?? 0;
  }

  #kink() {
    const near = 1e-9 * (1 + Math.abs(this.x));
    const [left, right] = [this.slopeAt(this.x - near), this.slopeAt(this.x + near)];
    const broken = Math.abs(right - left) > 1e-3 * (1 + Math.abs(this.slope));
    return broken && Number.isFinite(left - right) ? [left, right] : null;
  }

  off() {
    if (!this.rounded) return number(this.error, 2);
    return this.error ? `≤ ${number(10 ** Math.ceil(Math.log10(this.rounding)), 1)}` : "0";
  }

  curve() {
    const [low, high] = WINDOW;
    const step = (high - low) / (POINTS - 1);
    const xs = Array.from({ length: POINTS }, (_, i) => (i < POINTS - 1 ? i * step + low : high));
    return xs.map((x) => [x, this.at(x)]);
  }

  words() {
    const x = number(this.x, 6);
    let exact = `f(${x} + 1ε) = ${dual(this.value, this.slope, 4)}: `;
    if (this.kink) {
      const [left, right] = this.kink.map((slope) => fixed(slope));
      exact += `here is a kink, with slope ${left} on its left and ${right} on its right, and ${fixed(this.slope, 4)} is a convention.`;
    } else exact += `the slope is ${fixed(this.slope, 4)}, with no step at all.`;
    const secant = `The secant over h = ${number(this.h)} has the slope ${fixed(this.secant, 4)}; `;
    return `${exact} ${secant}${this.#compared(x)}`;
  }

  #compared(x) {
    if (this.kink) return "it sees one side alone.";
    if (this.lost && this.error) return `the step is lost, for ${x} + h is the same float as ${x}.`;
    if (this.error === 0) return "they agree to the last digit, as they can on a straight piece.";
    if (!this.rounded) return `it is off by ${this.off()}.`;
    return `the rest is rounding, at most ${this.off().replace(/^≤ /, "")}, and more as h shrinks.`;
  }
}

function draw(model) {
  const points = model.curve();
  const range = span(model, points.map(([, y]) => y));
  const plane = new Plane(WINDOW, range, { top: HEAD + 12, height: TOP - HEAD - 34 });
  const { x, value: y, slope } = model;
  const foot = plane.at(x, y);
  const graph = plane.clip(
    plane.curve(points, { stroke: INK }),
    secant(plane, model),
    line(foot, plane.at(x + 1, y), { stroke: GREY, "stroke-width": 1.5, "stroke-dasharray": "2 4" }),
    arrow(foot, plane.at(x + 1, y + slope), TANGENT, 4),
    dot(plane.at(x + model.h, model.ahead), GREY, 5),
    dot(foot, PRIMAL, 7),
    dot(foot, "transparent", FINGER, { "data-drag": "x" }),
  );
  const said = { label: model.words(), slope };
  return picture(TOP + 84, said, image(model), plane.axes("x", "f(x)"), graph, ...rows(model));
}

function image(model) {
  const [sign, tangent] = signed(model.slope);
  const parts = [
    ["f(", INK],
    [number(model.x, 6), PRIMAL],
    [" + ", INK],
    ["1ε", TANGENT_INK],
    [") = ", INK],
    [fixed(model.value), PRIMAL],
    [` ${sign} `, INK],
    [`${tangent}ε`, TANGENT_INK],
  ];
  return words(14, 28, parts, { "font-size": "1.3em", "font-weight": 600 });
}

function span(model, ys) {
  const finite = ys.filter(Number.isFinite).sort((a, b) => a - b);
  const few = Math.floor(finite.length / 20);
  const inner = few ? finite.slice(few, -few) : finite;
  const near = [model.value, model.value + Math.max(-8, Math.min(8, model.slope))];
  const [low, high] = [Math.min(inner[0] ?? 0, ...near), Math.max(inner.at(-1) ?? 0, ...near)];
  const room = 0.08 * (high - low) || 1;
  return [low - room, high + room];
}

function secant(plane, model) {
  const ends = WINDOW.map((x) => [x, model.value + model.secant * (x - model.x)]);
  return plane.curve(ends, { stroke: GREY, "stroke-width": 2, "stroke-dasharray": "7 5" });
}

function rows(model) {
  const why = model.lost ? "h is lost" : model.error && model.rounded ? "rounding" : "";
  const table = [
    [TANGENT, "dual number", fixed(model.slope, 8), "no step"],
    [GREY, "secant", fixed(model.secant, 8), `h = ${number(model.h)}`],
    [INK, "error", model.off(), why],
  ];
  return table.flatMap(([colour, name, value, note], i) => {
    const y = TOP + 24 + 24 * i;
    const dash = colour === GREY ? "7 5" : null;
    const stroke = { stroke: colour, "stroke-width": 4, "stroke-dasharray": dash };
    return [
      colour === INK ? "" : line([14, y - 5], [44, y - 5], stroke),
      text(56, y, name),
      text(304, y, value, { "text-anchor": "end" }),
      text(322, y, note, { fill: GREY }),
    ];
  });
}

export default {
  /** Other traits that the change of one brings. */
  follows: { expression: { function: "own" } },

  answer({ x, h, function: chosen, expression }) {
    const model = new Slopes(parse(chosen === "own" ? expression : chosen), x, h);
    return { svg: draw(model), words: model.words() };
  },

  drag(state, grip, x, y) {
    if (grip !== "x") throw new Elsewhere();
    const [across] = new Plane(WINDOW, [0, 1]).inverse(x, y);
    return { x: Number(Math.max(-3.9, Math.min(3.9, across)).toFixed(2)) };
  },

  /** The point's way while a page opens: from the left to where it stands. */
  // To a hundredth, so that the number above the curve stays short on the way.
  opening: ({ x }, share) => ({ x: Math.round(100 * (-3.9 + (x + 3.9) * share)) / 100 }),
};
