/* ProductArea without Python: model.py and drawing.py, word for word and line for line. */
import { number } from "../kit/numerals.js";
import { GREY, INK, PRIMAL, PURPLE, TANGENT, dot, element, line, path, picture, text } from "../kit/svg.js";

const LEAST_EPS = 0.001;
const MOST_EPS = 1;
const [LEFT, TOP, ROOM] = [44, 16, 190];
const FOOT = TOP + ROOM;
const [COLUMN, EDGE] = [248, 468];
const [BAR, THICK] = [286, 26];
const FINGER = 24;

const percent = (share) => `${number(100 * share)} %`;

class Rectangle {
  constructor({ a, b, c, d, eps }) {
    Object.assign(this, { a, b, c, d, eps });
    this.primal = a * c;
    this.slope = b * c + a * d;
    this.strips = a * d * eps + b * eps * c;
    this.corner = b * d * (eps * eps);
    this.share = this.corner ? this.corner / this.strips : 0;
    this.excess = b * d * eps;
    this.scale = ROOM / Math.max(a + b * MOST_EPS, c + d * MOST_EPS);
  }

  at(x, y) {
    return [LEFT + this.scale * x, FOOT - this.scale * y];
  }

  words() {
    const [a, b, c, d, eps] = [this.a, this.b, this.c, this.d, this.eps].map((each) => number(each));
    const exact = `${number(this.primal)} + ${number(this.slope)}ε`;
    const dual = `(${a} + ${b}ε)(${c} + ${d}ε) = ${exact}, for ε² = 0 is a rule, not rounding.`;
    if (this.slope === 0) return `${dual} With b = d = 0 no side grows, whatever ε is.`;
    if (this.corner === 0) {
      return `${dual} With ${this.b === 0 ? "b" : "d"} = 0 there is no corner, whatever ε is.`;
    }
    return (
      `${dual} With the real number ${eps} for ε a corner is left: ${number(this.corner)}, ` +
      `which is ${percent(this.share)} of the strips. A tenth of ε leaves ` +
      "a tenth of that share, and only ε = 0 leaves none."
    );
  }
}

function draw(model) {
  return picture(378, { label: model.words() }, ...rectangle(model), ...areas(model), ...bar(model));
}

function rectangle(model) {
  const { a, b, c, d, eps } = model;
  const [wide, high] = [a + b * eps, c + d * eps];
  const parts = [
    block(model.at(0, c), model.at(a, 0), PRIMAL),
    block(model.at(0, high), model.at(a, c), TANGENT),
    block(model.at(a, c), model.at(wide, 0), TANGENT),
    block(model.at(a, high), model.at(wide, c), PURPLE, true),
  ];
  const [x, y] = model.at(a / 2, c / 2);
  const [farX, farY] = model.at((a + wide) / 2, (c + high) / 2);
  const names = [["a", x, FOOT + 20, "middle"], ["c", LEFT - 10, y + 5, "end"]];
  if (b) names.push(["bε", Math.max(farX, x + 22), FOOT + 20, "middle"]);
  if (d) names.push(["dε", LEFT - 10, Math.min(farY, y - 20) + 5, "end"]);
  for (const [name, left, top, anchor] of names) parts.push(text(left, top, name, { "text-anchor": anchor }));
  if (model.slope) {
    const tip = model.at(wide, high);
    parts.push(dot(tip, INK, 5), dot(tip, "transparent", FINGER, { "data-drag": "eps" }));
  }
  return parts;
}

function block([x, y], [right, bottom], colour, hatched = false) {
  const [width, height] = [right - x, bottom - y];
  if (width < 0.05 || height < 0.05) return "";
  const box = element("rect", {
    x, y, width, height, fill: colour, "fill-opacity": hatched ? 0.1 : 0.3, stroke: colour, "stroke-width": 1.5,
  });
  return box + (hatched ? hatch(x, y, width, height, colour) : "");
}

function hatch(x, y, width, height, colour) {
  const parts = [];
  const gap = 7;
  for (let i = 1; i <= Math.floor((width + height) / gap); i++) {
    const along = i * gap;
    const start = [x + Math.min(along, width), y + Math.max(0, along - width)];
    const end = [x + Math.max(0, along - height), y + Math.min(along, height)];
    parts.push(line(start, end, { stroke: colour, "stroke-width": 1.5 }));
  }
  return parts.join("");
}

function areas(model) {
  const rows = [
    [PRIMAL, "ac", number(model.primal)],
    [TANGENT, "(ad + bc) ε", number(model.strips)],
    [PURPLE, "bd ε²", number(model.corner)],
  ];
  const parts = [text(COLUMN, TOP + 14, "areas with a real ε", { fill: GREY })];
  for (const [i, [colour, name, value]] of rows.entries()) {
    const y = TOP + 44 + 28 * i;
    parts.push(block([COLUMN, y - 13], [COLUMN + 18, y + 3], colour, i === 2));
    parts.push(text(COLUMN + 28, y, name), text(EDGE, y, value, { "text-anchor": "end" }));
  }
  const y = TOP + 44 + 28 * 3;
  parts.push(text(COLUMN, y, "corner ÷ strips"));
  parts.push(text(EDGE, y, percent(model.share), { "text-anchor": "end", "font-weight": 600 }));
  return parts;
}

function bar(model) {
  const most = model.slope + model.b * model.d * MOST_EPS;
  const scale = most ? (EDGE - LEFT) / most : 0;
  const end = LEFT + scale * model.slope;
  const over = end + scale * model.excess;
  const parts = [
    text(LEFT, BAR - 12, "the area that is new, divided by ε", { fill: GREY }),
    block([LEFT, BAR], [end, BAR + THICK], TANGENT),
    block([end, BAR], [over, BAR + THICK], PURPLE, true),
  ];
  if (model.slope) parts.push(path([[end, BAR - 6], [end, BAR + THICK + 6]], { stroke: INK, "stroke-width": 2 }));
  const same = `ad + bc = ${number(model.slope)} at every ε: the tangent`;
  const more = model.excess
    ? `bd ε = ${number(model.excess)} too much: it shrinks, never to 0`
    : "nothing too much: there is no corner";
  for (const [i, [colour, said]] of [[TANGENT, same], [PURPLE, more]].entries()) {
    const y = BAR + THICK + 28 + 26 * i;
    parts.push(block([LEFT, y - 13], [LEFT + 18, y + 3], colour, i === 1), text(LEFT + 28, y, said));
  }
  return parts;
}

export default {
  answer(state) {
    const model = new Rectangle(state);
    return { svg: draw(model), words: model.words() };
  },

  drag(state, grip, x, y) {
    const { a, b, c, d, scale } = new Rectangle(state);
    const [right, up] = [(x - LEFT) / scale - a, (FOOT - y) / scale - c];
    const eps = (right * b + up * d) / (b ** 2 + d ** 2);
    return { eps: Number(Math.max(LEAST_EPS, Math.min(MOST_EPS, eps)).toPrecision(3)) };
  },
};
