/* numerals.py in JavaScript: the same numbers in the same words. */

const SUPERSCRIPTS = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].entries()) };

/* JavaScript rounds a tie away from 0, Python to the even digit. A tie shows in the exact decimal. */
const TIE = /^50*$/;
const even = (digit) => Number(digit) % 2 === 0;

/** Python's f"{value:.{decimals}f}". */
export function decimals(value, count) {
  const size = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const written = size.toFixed(count);
  // Twice a tie, in units of the last digit, is a whole number; the rest is done with.
  if (!Number.isInteger(2 * size * Number(`1e${count}`))) return sign + written;
  const exact = size.toFixed(100);
  const cut = exact.indexOf(".") + 1 + count;
  const last = count ? exact[cut - 1] : exact[cut - 2];
  const down = TIE.test(exact.slice(cut)) && even(last);
  return sign + (down ? exact.slice(0, count ? cut : cut - 1) : written);
}

/** Python's f"{value:.{digits}g}". */
export function general(value, digits) {
  const size = Math.abs(value);
  let [mantissa, power] = size.toExponential(digits - 1).split("e");
  const [exact, same] = size.toExponential(100).split("e");
  const cut = digits === 1 ? 1 : digits + 1;
  const rest = digits === 1 ? exact.slice(2) : exact.slice(cut);
  if (TIE.test(rest) && even(exact[cut - 1])) [mantissa, power] = [exact.slice(0, cut), same];
  const exponent = Number(power);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (exponent < -4 || exponent >= digits) {
    const two = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${short(mantissa)}e${exponent < 0 ? "-" : "+"}${two}`;
  }
  // These digits are exact, so nothing is rounded once more.
  return sign + short(Number(`${mantissa}e${exponent}`).toFixed(Math.max(0, digits - 1 - exponent)));
}

const short = (written) => (written.includes(".") ? written.replace(/\.?0+$/, "") : written);

/** As a person writes it, with `digits` significant digits: 0.25, −3, 1.2·10⁻⁸. */
export function number(value, digits = 3) {
  if (value === Infinity) return "∞";
  if (value === -Infinity) return "−∞";
  if (Number.isNaN(value)) return "no number";
  if (value === 0) return "0";
  let written = general(value, digits);
  if (written.includes("e")) {
    const [mantissa, exponent] = written.split("e");
    const ten = `10${[...String(Number(exponent))].map((sign) => SUPERSCRIPTS[sign]).join("")}`;
    written = { 1: ten, "-1": `-${ten}` }[mantissa] ?? `${mantissa}·${ten}`;
  }
  return written.replaceAll("-", "−");
}

/** With a fixed number of decimals; a million and more as a power of ten. */
export function fixed(value, count = 2) {
  if (!(Math.abs(value) < 1e6)) return number(value, 5);
  const written = decimals(Number(decimals(value, count + 5)), count);
  return (Number(written) === 0 ? written.replace(/^-/, "") : written).replaceAll("-", "−");
}

/** The sign between the parts of a dual number, and its tangent without one. */
export function signed(tangent, count = 2) {
  const part = fixed(Math.abs(tangent), count);
  return [tangent < 0 && part !== fixed(0, count) ? "−" : "+", part];
}

/** A dual number in words: 0.84 + 1.38ε. */
export function dual(primal, tangent, count = 2) {
  return `${fixed(primal, count)} ${signed(tangent, count).join(" ")}ε`;
}
