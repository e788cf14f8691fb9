/* svg.py in JavaScript, as far as the pictures that answer at once need it: the same text. */
import { decimals, number } from "./numerals.js";

export const WIDTH = 480;
const LETTERS = 15;

export const INK = "var(--explore-ink, #333333)";
export const GREY = "var(--explore-grey, #5A5A5A)";
export const PALE = "var(--explore-pale, #E3E3E3)";
export const PAPER = "var(--explore-paper, #ffffff)";
export const PRIMAL = "var(--explore-primal, #0072B2)";
export const TANGENT = "var(--explore-tangent, #D55E00)";
export const TANGENT_INK = "var(--explore-tangent-ink, #B84F00)";
export const PURPLE = "var(--explore-purple, #CC79A7)";

const FONT = "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
const escaped = (words, what = /[&<>"']/g) => String(words).replace(what, (sign) => ENTITIES[sign]);

/* Attributes have their own names here; one that is null is left out. */
export function element(tag, attributes, ...children) {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => ` ${name}="${escaped(plain(value))}"`)
    .join("");
  return children.length ? `<${tag}${written}>${children.join("")}</${tag}>` : `<${tag}${written}/>`;
}

/* Coordinates with one decimal. */
export function plain(value) {
  if (typeof value !== "number") return String(value);
  return decimals(value, 1).replace(/\.0$/, "").replace(/^-0$/, "0");
}

/* A slope can be heard as a pitch (sound.js). */
export function picture(height, { label, slope }, ...parts) {
  const paper = element("rect", { width: WIDTH, height, rx: 8, fill: PAPER });
  return element("svg", {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${plain(WIDTH)} ${plain(height)}`,
    role: "img",
    "aria-label": label,
    "font-family": FONT,
    "font-size": LETTERS,
    style: "font-variant-numeric: tabular-nums",
    "data-slope": slope === undefined ? null : decimals(slope, 4),
  }, paper, ...parts);
}

export function text(x, y, said, { fill = INK, ...attributes } = {}) {
  return element("text", { x, y, fill, ...attributes }, escaped(said, /[&<>]/g));
}

/* Parts are [words, colour]. */
export function words(x, y, parts, attributes) {
  const spans = parts.map(([part, fill]) => element("tspan", { fill }, escaped(part, /[&<>]/g)));
  return element("text", { x, y, ...attributes }, ...spans);
}

export function line([x1, y1], [x2, y2], attributes = {}) {
  return element("line", { x1, y1, x2, y2, stroke: INK, "stroke-width": 2, ...attributes });
}

export function arrow(tail, head, colour, width = 3, attributes = {}) {
  const [dx, dy] = [head[0] - tail[0], head[1] - tail[1]];
  const length = Math.hypot(dx, dy);
  if (length < 1) return dot(tail, colour, width);
  const size = Math.min(4.5 * width, length);
  const [ux, uy] = [dx / length, dy / length];
  const neck = [head[0] - size * ux, head[1] - size * uy];
  const side = 0.42 * size;
  const corners = [
    head,
    [neck[0] - side * uy, neck[1] + side * ux],
    [neck[0] + side * uy, neck[1] - side * ux],
  ];
  const shaft = line(tail, neck, { stroke: colour, "stroke-width": width, ...attributes });
  return shaft + path(corners, { fill: colour, stroke: "none" }, true);
}

export function dot([cx, cy], fill, r = 5, attributes = {}) {
  return element("circle", { cx, cy, r, fill, ...attributes });
}

export function path(points, attributes = {}, closed = false) {
  const pieces = [];
  let pen = "M";
  for (const [x, y] of points) {
    const seen = Number.isFinite(x) && Number.isFinite(y);
    if (seen) pieces.push(`${pen}${plain(x)} ${plain(y)}`);
    pen = seen ? "L" : "M";
  }
  const style = { fill: "none", stroke: INK, "stroke-width": 2.5, "stroke-linejoin": "round" };
  return element("path", { d: pieces.join("") + (closed ? "Z" : ""), ...style, ...attributes });
}

export class Plane {
  constructor(x, y, { left = 44, top = 12, width = 424, height = 240 } = {}) {
    Object.assign(this, { x, y, left, top, width, height });
  }

  at(x, y) {
    const far = 20;
    const kept = (v) => (Number.isNaN(v) ? v : Math.max(-far, Math.min(far, v)));
    const across = kept((x - this.x[0]) / (this.x[1] - this.x[0]));
    const up = kept((y - this.y[0]) / (this.y[1] - this.y[0]));
    return [this.left + this.width * across, this.top + this.height * (1 - up)];
  }

  inverse(px, py) {
    const [across, up] = [(px - this.left) / this.width, 1 - (py - this.top) / this.height];
    return [
      this.x[0] + across * (this.x[1] - this.x[0]),
      this.y[0] + up * (this.y[1] - this.y[0]),
    ];
  }

  curve(points, attributes) {
    return path(points.map(([x, y]) => this.at(x, y)), attributes);
  }

  clip(...parts) {
    const { left, top, width, height } = this;
    const viewBox = [left, top, width, height].map(plain).join(" ");
    return element("svg", { x: left, y: top, width, height, viewBox, overflow: "hidden" }, ...parts);
  }

  axes(xLabel, yLabel) {
    const parts = [];
    const across = ticks(...this.x, 6);
    const up = ticks(...this.y, 5);
    const grid = { stroke: PALE, "stroke-width": 1 };
    for (const value of across) {
      const foot = this.at(value, this.y[0]);
      parts.push(line(foot, this.at(value, this.y[1]), grid));
      parts.push(text(foot[0], foot[1] + 18, number(value), { fill: GREY, "text-anchor": "middle" }));
    }
    for (const value of up) {
      const foot = this.at(this.x[0], value);
      parts.push(line(foot, this.at(this.x[1], value), grid));
      parts.push(text(foot[0] - 6, foot[1] + 5, number(value), { fill: GREY, "text-anchor": "end" }));
    }
    const half = (values) => values.slice(-2).reduce((sum, value) => sum + value, 0) / 2;
    const [right, high] = this.at(half(across), half(up));
    parts.push(text(right, this.top + this.height + 18, xLabel, { "text-anchor": "middle" }));
    parts.push(text(this.left - 6, high + 5, yLabel, { "text-anchor": "end" }));
    return parts.join("");
  }
}

function ticks(low, high, most) {
  const rough = (high - low) / most;
  const power = Number(`1e${Math.floor(Math.log10(rough))}`);
  const step = [1, 2, 5, 10].map((m) => m * power).find((each) => each >= rough * (1 - 1e-9));
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step + 0);
}
