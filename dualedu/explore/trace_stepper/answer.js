/* TraceStepper without Python: model.py and drawing.py, word for word and line for line. */
import { parse, trace, valueOf } from "../kit/expressions.js";
import { fixed, number } from "../kit/numerals.js";
import { Refused } from "../kit/refusals.js";
import { GREY, INK, PAPER, PRIMAL, TANGENT, WIDTH, arrow, dot, element, line, path, picture, text } from "../kit/svg.js";

const MOST = 10;
const RADIUS = 17;
const SLOT = 54;
const ROW = 24;
const LONGEST = 36;
const NAMES = { pi: "π", sqrt: "√", sigmoid: "σ", "*": "·", "-": "−" };
const SIGNS = { neg: "−", abs: "| |", "/": "÷", "*": "×" };

const brief = (value) => number(value, 3);
const full = (value) => {
  const size = Math.abs(value);
  return value === 0 || (size >= 1e-3 && size < 1e5) ? fixed(value, 4) : number(value, 4);
};
const bracketed = (said) => (said.startsWith("−") || said.includes("·") ? `(${said})` : said);
const subscript = (count) => [...String(count)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");

function raised(base, exponent) {
  if (!(Number.isInteger(exponent) && exponent >= 0 && exponent < 10)) return `${base} ** ${bracketed(brief(exponent))}`;
  return exponent === 0 ? "1" : exponent === 1 ? base : base + "⁰¹²³⁴⁵⁶⁷⁸⁹"[exponent];
}

function written(operation, parts) {
  if (!parts.length) return operation;
  const name = NAMES[operation] ?? operation;
  if (parts.length === 2) return `${parts[0]} ${name} ${parts[1]}`;
  if (operation === "neg") return `−${parts[0]}`;
  if (operation === "abs") return `|${parts[0].replace(/^[()]+|[()]+$/g, "")}|`;
  return `${name}(${parts[0].replace(/^\(/, "").replace(/\)$/, "")})`;
}

/* A part is {name, primal, tangent, constant}; a line is {name, operation, parts, primal, tangent}. */
class Line {
  constructor(name, operation, parts, primal, tangent) {
    Object.assign(this, { name, operation, parts, primal, tangent });
  }

  get formula() {
    if (this.operation === "**" && this.parts[1].constant) return raised(this.parts[0].name, this.parts[1].primal);
    return written(this.operation, this.parts.map((part) => part.name));
  }

  primalRule() {
    const numbers = this.parts.map((part) => bracketed(brief(part.primal)));
    return this.operation === "**" ? raised(numbers[0], this.parts[1].primal) : written(this.operation, numbers);
  }

  tangentRule() {
    const moving = this.parts.filter((part) => !part.constant);
    if (!moving.length) return "0";
    if (this.parts.length === 1 || moving.length === 1) return this.#one(moving[0]);
    const [u, v] = this.parts;
    const [a, b, c, d] = [u.primal, v.primal, u.tangent, v.tangent].map((each) => bracketed(brief(each)));
    switch (this.operation) {
      case "+":
      case "-":
        return `${brief(u.tangent)} ${NAMES[this.operation] ?? "+"} ${d}`;
      case "*":
        return `${brief(u.tangent)} · ${b} + ${a} · ${d}`;
      case "/":
        return `(${brief(u.tangent)} − ${bracketed(brief(this.primal))} · ${d}) / ${b}`;
    }
    const said = `${b} · ${raised(a, v.primal - 1)} · ${c}`;
    return u.primal <= 0 ? said : `${said} + ln(${brief(u.primal)}) · ${bracketed(brief(this.primal))} · ${d}`;
  }

  #one(part) {
    const [u, du] = [brief(part.primal), bracketed(brief(part.tangent))];
    const w = bracketed(brief(this.primal));
    const other = this.parts.find((each) => each !== part);
    const first = part === this.parts[0];
    const k = other ? bracketed(brief(other.primal)) : "";
    switch (this.operation) {
      case "+": return brief(part.tangent);
      case "-": return first ? brief(part.tangent) : `−${du}`;
      case "neg": return `−${du}`;
      case "*": return `${k} · ${du}`;
      case "/": return first ? `${brief(part.tangent)} / ${k}` : `−${w} / ${bracketed(u)} · ${du}`;
      case "**":
        if (first) return `${k} · ${raised(bracketed(u), other.primal - 1)} · ${du}`;
        return `ln(${brief(other.primal)}) · ${w} · ${du}`;
      case "sin": return `cos(${u}) · ${du}`;
      case "cos": return `−sin(${u}) · ${du}`;
      case "tan": return `(1 + ${w}²) · ${du}`;
      case "exp": return `${w} · ${du}`;
      case "log": return `${brief(part.tangent)} / ${bracketed(u)}`;
      case "sqrt": return `${brief(part.tangent)} / (2 · ${w})`;
      case "tanh": return `(1 − ${w}²) · ${du}`;
      case "sigmoid": return `${w} · (1 − ${w}) · ${du}`;
      case "relu": return `${Number(part.primal > 0)} · ${du}`;
      case "abs": return `${bracketed(brief(Math.sign(part.primal)))} · ${du}`;
    }
    throw new Error(`no rule is written for ${this.operation}`);
  }
}

const isInput = (step) => !step.operands.length && step.value === undefined;
const lastOf = (expression) => expression.steps.filter((step) => step.operands.length).length;

class Trace {
  constructor(expression, { x, y, seed, step }) {
    Object.assign(this, { expression, x, y, seed, step });
    this.last = lastOf(expression);
    const { text: said } = expression;
    if (!this.last) throw new Refused(`“${said}” has no operation to step through: try x * sin(x).`);
    if (this.last > MOST) {
      throw new Refused(`“${said}” has ${this.last} operations; ${MOST} are the most that can be drawn here.`);
    }
    if (step > this.last) throw new Refused(`There is no step ${step}: the last operation is step ${this.last}.`);
    const names = new Set(expression.steps.filter(isInput).map((each) => each.name));
    this.used = Object.entries({ x, y }).filter(([name]) => names.has(name));
    this.lines = this.#lines();
    this.#finite();
    this.current = step ? this.lines[this.used.length + step - 1] : null;
  }

  #lines() {
    const { steps } = this.expression;
    const inputs = Object.fromEntries(this.used.map(([name, v]) => [name, name === this.seed ? { p: v, t: 1 } : v]));
    const values = trace(this.expression, inputs).map((v) => (typeof v === "number" ? { p: v, t: 0 } : v));
    const parts = [];
    const lines = [];
    const rank = (i) => (isInput(steps[i]) ? ["x", "y"].indexOf(steps[i].name) : 2);
    const order = [...steps.keys()].sort((i, j) => rank(i) - rank(j));
    let done = 0;
    for (const i of order) {
      const { name: operation, operands, value } = steps[i];
      const { p, t } = values[i];
      if (value !== undefined) {
        const name = NAMES[operation] ?? (operation === "e" ? "e" : brief(p));
        parts[i] = { name: bracketed(name), primal: p, tangent: 0, constant: true };
        continue;
      }
      if (operands.length) done += 1;
      const name = operands.length ? `v${subscript(done)}` : operation;
      parts[i] = { name, primal: p, tangent: t, constant: false };
      lines.push(new Line(name, operation, operands.map((k) => parts[k]), p, t));
    }
    return lines;
  }

  #finite() {
    for (const each of this.lines) {
      for (const [part, value] of [["value", each.primal], ["tangent", each.tangent]]) {
        if (Number.isFinite(value)) continue;
        const at = this.used.map(([name, v]) => `${name} = ${number(v, 6)}`).join(" and ");
        const told = `${each.name} = ${each.formula} has no finite ${part}`;
        throw new Refused(`“${this.expression.text}”: ${told}${at ? ` at ${at}` : ""}.`);
      }
    }
  }

  filled(each) {
    return this.lines.indexOf(each) < this.used.length + this.step;
  }

  get kink() {
    return this.lines.find(({ operation, parts }) =>
      (operation === "abs" || operation === "relu") && parts[0].primal === 0 && parts[0].tangent);
  }

  difference() {
    const at = { x: this.x, y: this.y };
    const h = 1e-5 * Math.max(1, Math.abs(at[this.seed]));
    const [low, high] = [-h, h].map((s) => valueOf(this.expression, { ...at, [this.seed]: at[this.seed] + s }));
    const largest = Math.max(...this.lines.map((each) => Math.abs(each.primal)));
    return [(high - low) / (2 * h), (4 * Number.EPSILON * largest) / h];
  }

  words() {
    if (!this.step) return this.#start();
    const { current } = this;
    const [rule, tangent] = [current.tangentRule(), brief(current.tangent)];
    const made = rule === tangent ? tangent : `${rule} = ${tangent}`;
    let said =
      `Step ${this.step} of ${this.last}: ${current.name} = ${current.formula}. ` +
      `Its primal is ${full(current.primal)}, its tangent ${made}`;
    said += current.parts.every((part) => part.constant)
      ? ", as there is no input in it."
      : ", from numbers that stand above it.";
    return this.step < this.last ? said : `${said} ${this.#end()}`;
  }

  #start() {
    const given = this.used
      .map(([name, v]) => `${name} = ${number(v, 6)} with the tangent ${Number(name === this.seed)}`)
      .join(" and ");
    const count = `${this.last} operation${this.last > 1 ? "s" : ""}`;
    let said = given ? `${this.expression.text} at ${given}: ` : `${this.expression.text}: `;
    said += `${count} to do, each with numbers alone. Predict the first, then go forward.`;
    if (!this.#seeded) said += ` The seed is on ${this.seed}, which does not occur: every tangent will be 0.`;
    return said;
  }

  get #seeded() {
    return this.used.some(([name]) => name === this.seed);
  }

  #end() {
    const tangent = this.lines.at(-1).tangent;
    const slope = `This is the slope along ${this.seed}: no formula was derived, and no step taken.`;
    if (!this.#seeded) return `${this.seed} does not occur, so the slope along ${this.seed} is 0.`;
    if (this.kink) {
      return `But ${this.kink.formula} has a kink at 0 and no slope there: its tangent is 0 by convention.`;
    }
    const [difference, blur] = this.difference();
    const fine = 1e-4 * Math.max(1, Math.abs(tangent));
    if (!Number.isFinite(difference)) {
      return `${slope} A central difference has no value here: it would leave the domain.`;
    }
    const off = Math.abs(difference - tangent);
    if (off <= fine) return `${slope} A central difference agrees within ${number(fine, 1)}.`;
    if (off <= blur) return `${slope} A central difference is lost here: rounding drowns it.`;
    return `${slope} A central difference does not agree: the curve bends or breaks off within its step.`;
  }
}

function draw(model) {
  const graph = new Graph(model);
  const panel = graph.height + 4;
  const said = rule(model);
  const table = panel + 22 * said.length + 30;
  const height = table + 30 + ROW * model.lines.length;
  return picture(height, { label: model.words() }, ...graph.draw(), ...framed(said, panel), ...rows(model, table));
}

/* Nodes in columns by depth; an edge that passes a column has a place of its own in it. */
class Graph {
  depth = new Map();
  places = new Map();

  constructor(model) {
    this.model = model;
    for (const node of model.lines) {
      const before = node.parts.filter((part) => !part.constant).map((part) => this.depth.get(part.name));
      this.depth.set(node.name, 1 + (before.length ? Math.max(...before) : node.parts.length ? 0 : -1));
    }
    this.#place();
  }

  #reach(node) {
    const users = this.model.lines
      .filter((other) => other.parts.some((part) => part.name === node.name))
      .map((other) => this.depth.get(other.name));
    return users.length ? Math.max(...users) : this.depth.get(node.name);
  }

  #place() {
    const last = Math.max(...this.depth.values());
    const pitch = Math.min(96, (WIDTH - 56) / Math.max(1, last));
    const left = (WIDTH - pitch * last) / 2;
    const order = [];
    for (let column = 0; column <= last; column++) {
      const here = this.model.lines.filter((node) => {
        const depth = this.depth.get(node.name);
        return depth === column || (depth < column && column < this.#reach(node));
      });
      const ranks = new Map((order.at(-1) ?? []).map((name, i) => [name, i]));
      const middle = (ranks.size - 1) / 2;
      const rank = (node) => {
        if (this.depth.get(node.name) < column) return ranks.get(node.name) ?? middle;
        const before = node.parts.filter((part) => ranks.has(part.name)).map((part) => ranks.get(part.name));
        return before.length ? before.reduce((sum, each) => sum + each, 0) / before.length : middle;
      };
      order.push([...here].sort((a, b) => rank(a) - rank(b)).map((node) => node.name));
    }
    const slots = Math.max(...order.map((names) => names.length));
    this.height = 26 + SLOT * slots;
    for (const [column, names] of order.entries()) {
      const first = 22 + (SLOT * (slots - names.length)) / 2 + SLOT / 2;
      for (const [i, name] of names.entries()) {
        this.places.set(`${name} ${column}`, [left + pitch * column, first + SLOT * i]);
      }
    }
  }

  *draw() {
    const { lines, current } = this.model;
    for (const node of lines) if (node !== current) yield* this.#edges(node);
    if (current) yield* this.#edges(current);
    for (const node of lines) yield this.#node(node);
  }

  *#edges(node) {
    const column = this.depth.get(node.name);
    const [x, y] = this.places.get(`${node.name} ${column}`);
    const now = node === this.model.current;
    const moving = node.parts.filter((part) => !part.constant).map((part) => part.name);
    const height = (name) => this.#way(name, column).at(-1)[1];
    const sources = moving.sort((a, b) => height(a) - height(b));
    const dash = this.model.filled(node) ? null : "3 4";
    const [width, stroke] = now ? [3, INK] : [1.6, GREY];
    for (const [i, name] of sources.entries()) {
      const port = y + (sources.length === 2 ? 10 * i - 5 : 0);
      const head = [x - Math.sqrt(RADIUS ** 2 - (port - y) ** 2) - 2, port];
      const way = this.#way(name, column);
      if (way.length > 1) yield path(way, { stroke, "stroke-width": width, "stroke-dasharray": dash });
      yield arrow(way.at(-1), head, stroke, width, { "stroke-dasharray": dash });
    }
  }

  #way(name, column) {
    const way = [];
    for (let k = this.depth.get(name); k < column; k++) {
      const [x, y] = this.places.get(`${name} ${k}`);
      way.push([x - RADIUS, y], [x + RADIUS, y]);
    }
    return way.slice(1);
  }

  #node(node) {
    const [x, y] = this.places.get(`${node.name} ${this.depth.get(node.name)}`);
    const [now, filled] = [node === this.model.current, this.model.filled(node)];
    const ink = filled ? INK : GREY;
    const circle = dot([x, y], PAPER, RADIUS, {
      stroke: now ? TANGENT : ink,
      "stroke-width": now ? 4.5 : filled ? 2 : 1.5,
      "stroke-dasharray": filled ? null : "3 3",
    });
    const sign = SIGNS[node.operation] ?? NAMES[node.operation] ?? node.operation;
    const small = { fill: ink, "text-anchor": "middle", "font-size": "0.93em" };
    const inside = text(x, y + 5, sign, small);
    if (!node.parts.length) return circle + inside;
    return circle + inside + text(x, y - RADIUS - 6, node.name, { ...small, "font-weight": now ? 700 : null });
  }
}

/* Lines of [name, words]; the name is " " where a line goes on. */
function rule(model) {
  const { current: now } = model;
  if (!now) {
    const inputs = model.used.map(([name, v]) => `${name} is ${full(v)}`).join(", ");
    return [
      [`The start: ${inputs || "no input"}`, ""],
      [`The tangent of ${model.seed} is 1: this is the seed.`, ""],
      ["Each step does one operation.", ""],
    ];
  }
  const said = [[`${now.name} = ${now.formula}`, ""]];
  for (const [name, how, value] of [
    ["primal", now.primalRule(), brief(now.primal)],
    ["tangent", now.tangentRule(), brief(now.tangent)],
  ]) {
    const whole = how === value ? value : `${how} = ${value}`;
    said.push(...wrapped(whole).map((piece, i) => [i ? " " : name, piece]));
  }
  return said;
}

function wrapped(said) {
  const lines = [];
  for (const word of said.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && longer.length <= LONGEST) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function* framed(said, top) {
  const box = { x: 8, y: top, width: WIDTH - 16, height: 22 * said.length + 14 };
  yield element("rect", { ...box, rx: 6, fill: "none", stroke: GREY });
  for (const [i, [name, piece]] of said.entries()) {
    const y = top + 23 + 22 * i;
    if (name === "primal" || name === "tangent") yield mark(name === "primal" ? PRIMAL : TANGENT, 20, y);
    if (piece) yield text(38, y, name) + text(114, y, piece);
    else yield text(20, y, name, { "font-weight": i ? null : 600 });
  }
}

function mark(colour, x, y) {
  if (colour === PRIMAL) return element("rect", { x, y: y - 10, width: 10, height: 10, fill: colour });
  const corners = [[x + 5, y - 11.5], [x + 11.5, y - 5], [x + 5, y + 1.5], [x - 1.5, y - 5]];
  return path(corners, { fill: colour, stroke: "none" }, true);
}

function* rows(model, top) {
  let y = top + 14;
  yield text(28, y, "line", { fill: GREY });
  for (const [colour, name, end] of [[PRIMAL, "primal", 330], [TANGENT, "tangent", 462]]) {
    yield mark(colour, end - 88, y);
    yield text(end, y, name, { fill: GREY, "text-anchor": "end" });
  }
  yield line([10, y + 8], [WIDTH - 10, y + 8], { stroke: GREY, "stroke-width": 1 });
  for (const node of model.lines) {
    y += ROW;
    const [now, filled] = [node === model.current, model.filled(node)];
    const [weight, ink] = [now ? 700 : null, filled ? INK : GREY];
    if (now) {
      const box = { x: 8, y: y - 11, width: WIDTH - 16, height: ROW };
      yield element("rect", { ...box, rx: 4, fill: "none", stroke: TANGENT, "stroke-width": 2 });
    }
    const input = node.name === model.seed ? "  (seeded)" : "  (not seeded)";
    const shown = node.parts.length ? `${node.name} = ${node.formula}` : node.name + input;
    yield text(28, y + 6, shown, { fill: ink, "font-weight": weight });
    for (const [value, end] of [[node.primal, 330], [node.tangent, 462]]) {
      yield text(end, y + 6, filled ? full(value) : "…", { fill: ink, "text-anchor": "end", "font-weight": weight });
    }
  }
}

const parsed = ({ function: chosen, expression }) => parse(chosen === "own" ? expression : chosen, ["x", "y"]);

export default {
  follows: { expression: { function: "own" } },

  answer(state) {
    const model = new Trace(parsed(state), state);
    return { svg: draw(model), words: model.words(), limits: { step: model.last } };
  },

  /** Another expression keeps the step, or goes to its own end. */
  within(state) {
    return { step: Math.min(state.step, lastOf(parsed(state)), MOST) };
  },

  whole: ["step"],

  actions: {
    to_the_start: () => ({ step: 0 }),
    back({ step }) {
      if (!step) throw new Refused("This is the start: nothing is computed yet.");
      return { step: step - 1 };
    },
    forward(state) {
      const { step } = state;
      if (step === lastOf(parsed(state))) throw new Refused(`Step ${step} is the last: all lines are computed.`);
      return { step: step + 1 };
    },
    to_the_end: (state) => ({ step: lastOf(parsed(state)) }),
  },
};
