/* expressions.py in JavaScript: an expression as steps, over numbers and dual numbers.

   A dual number is {p, t}: primal and tangent. What this reader does not know it leaves to
   Python's, which has a sentence for every mistake. */
import { Elsewhere, Refused } from "./refusals.js";

const CONSTANTS = { pi: Math.PI, e: Math.E };
const SYMBOL = /\s*(?:(\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|[-+*/()]))/y;
const LONGEST = 120;
const MOST_STEPS = 40;

/* What does not move makes nothing move, be the slope infinite; where the value is no number there
   is no slope to speak of. */
const rest = (term, t, z) => (Number.isFinite(term) || t !== 0 || Number.isNaN(z) ? term : 0);

const sigmoid = (x) => Math.exp(Math.min(x, 0)) / (1 + Math.exp(-Math.abs(x)));

function sech2(x) {
  const less = Math.exp(-2 * Math.abs(x));
  return (4 * less) / (1 + less) ** 2;
}

/** Of each function: its value, and its term from t, the value z and x. */
const FUNCTIONS = {
  sin: [Math.sin, (t, z, x) => t * Math.cos(x)],
  cos: [Math.cos, (t, z, x) => t * -Math.sin(x)],
  tan: [Math.tan, (t, z) => t * (1 + z * z)],
  exp: [Math.exp, (t, z) => t * z],
  log: [Math.log, (t, z, x) => t / x],
  sqrt: [Math.sqrt, (t, z) => t / (2 * z)],
  tanh: [Math.tanh, (t, z, x) => t * sech2(x)],
  sigmoid: [sigmoid, (t, z, x) => t * (z * sigmoid(-x))],
  relu: [(x) => Math.max(x, 0), (t, z, x) => t * Number(x > 0)],
  abs: [Math.abs, (t, z, x) => t * Math.sign(x)],
  neg: [(x) => -x, (t) => -t],
};

/* NumPy's power has a value where JavaScript's has none: 1 to any power is 1. */
function power(x, n) {
  if (x === 1 || (x === -1 && Math.abs(n) === Infinity)) return 1;
  return x ** n;
}

function powerBase(t, z, x, n) {
  if (n === 0) return 0;
  const base = n < 1 && x === 0 && t === 0 ? 1 : x;
  return t * (n * power(base, n - 1));
}

function powerExponent(t, z, x, n) {
  const log = (x === 0 && n >= 0) || t === 0 ? 0 : Math.log(x);
  if (!Number.isFinite(z) && !Number.isNaN(z)) {
    const half = power(x, n / 2);
    return t * (half * (half * log));
  }
  return t * (z * log);
}

/** Of each operator: its value, and the terms from its left and its right operand. */
const OPERATORS = {
  "+": [(x, y) => x + y, (t) => t, (t) => t],
  "-": [(x, y) => x - y, (t) => t, (t) => -t],
  "*": [(x, y) => x * y, (t, z, x, y) => t * y, (t, z, x) => x * t],
  "/": [(x, y) => x / y, (t, z, x, y) => t / y, (t, z, x, y) => -(t * z) / y],
  "**": [power, powerBase, powerExponent],
};

const primal = (value) => (typeof value === "number" ? value : value.p);

function applied(name, operands) {
  const [compute, ...terms] = FUNCTIONS[name] ?? OPERATORS[name];
  const numbers = operands.map(primal);
  const z = compute(...numbers);
  const moving = operands.flatMap((each, i) => (typeof each === "number" ? [] : [[each.t, terms[i]]]));
  if (!moving.length) return z;
  const t = moving.map(([dt, term]) => rest(term(dt, z, ...numbers), dt, z));
  return { p: z, t: t.reduce((sum, each) => sum + each) };
}

/** The value of every step. An input may be a number or a dual number. */
export function trace({ steps }, inputs) {
  const values = [];
  for (const { name, operands, value } of steps) {
    if (operands.length) values.push(applied(name, operands.map((i) => values[i])));
    else values.push(value ?? inputs[name]);
  }
  return values;
}

export const valueOf = (expression, inputs) => trace(expression, inputs).at(-1);

/** The expression in `words`: steps {name, operands, value}, in the order of their computation. */
export function parse(words, variables = ["x"]) {
  const source = words.trim();
  if (!source || source.length > LONGEST) throw new Elsewhere();
  return { text: source, steps: new Reader(symbols(source), variables).all() };
}

function symbols(source) {
  const found = [];
  SYMBOL.lastIndex = 0;
  while (SYMBOL.lastIndex < source.length) {
    const match = SYMBOL.exec(source);
    if (!match) {
      if (source.includes("^")) throw new Refused(`“${source}”: a power is written **, not ^.`);
      throw new Elsewhere();
    }
    const [, digits, name, sign] = match;
    // 007 and 1_ are no numbers in Python.
    if (digits && (/^0\d/.test(digits) || digits.includes("_"))) throw new Elsewhere();
    found.push({ digits, name, sign });
  }
  return found;
}

class Reader {
  #symbols;
  #variables;
  #at = 0;
  steps = [];

  constructor(symbols, variables) {
    this.#symbols = symbols;
    this.#variables = variables;
  }

  all() {
    this.#sum();
    if (this.#at < this.#symbols.length) throw new Elsewhere();
    return this.steps;
  }

  #take(...signs) {
    const sign = this.#symbols[this.#at]?.sign;
    if (!signs.includes(sign)) return undefined;
    this.#at += 1;
    return sign;
  }

  #add(step) {
    if (this.steps.length === MOST_STEPS) throw new Elsewhere();
    return this.steps.push({ operands: [], ...step }) - 1;
  }

  #chain(next, ...signs) {
    let left = next();
    for (let sign; (sign = this.#take(...signs)); ) {
      left = this.#add({ name: sign, operands: [left, next()] });
    }
    return left;
  }

  #sum() {
    return this.#chain(() => this.#product(), "+", "-");
  }

  #product() {
    return this.#chain(() => this.#signed(), "*", "/");
  }

  #signed() {
    const sign = this.#take("+", "-");
    if (sign === "-") return this.#add({ name: "neg", operands: [this.#signed()] });
    return sign ? this.#signed() : this.#power();
  }

  /* A power binds more than a sign on its left, and less than one on its right. */
  #power() {
    const base = this.#atom();
    return this.#take("**") ? this.#add({ name: "**", operands: [base, this.#signed()] }) : base;
  }

  #atom() {
    if (this.#take("(")) return this.#closed(() => this.#sum());
    const { digits, name } = this.#symbols[this.#at++] ?? {};
    if (digits) return this.#add({ name: digits, value: Number(digits) });
    if (this.#variables.includes(name)) {
      const known = this.steps.findIndex((step) => step.name === name && !step.operands.length);
      return known < 0 ? this.#add({ name }) : known;
    }
    if (Object.hasOwn(CONSTANTS, name ?? "")) return this.#add({ name, value: CONSTANTS[name] });
    const known = name && name !== "neg" && Object.hasOwn(FUNCTIONS, name);
    const called = this.#take("(");
    if (name && !known && !called) {
      const inputs = this.#variables.join(" and ");
      throw new Refused(`“${name}” is not known: the inputs are ${inputs}, the constants pi and e.`);
    }
    if (!known || !called) throw new Elsewhere();
    const operand = this.#closed(() => this.#sum());
    return this.#add({ name, operands: [operand] });
  }

  #closed(inside) {
    const found = inside();
    if (!this.#take(")")) throw new Elsewhere();
    return found;
  }
}
