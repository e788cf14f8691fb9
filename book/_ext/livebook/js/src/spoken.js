/* How a run ended, in a few words for who cannot see it. */

/**
 * @param {number} cell its number
 * @param {string} status ok, error or stopped
 * @param {any[]} outputs of Jupyter's notebook format
 */
export function ending(cell, status, outputs) {
  if (status === "stopped") return `Cell ${cell} was stopped.`;
  const failed = outputs.findLast((output) => output.output_type === "error");
  if (status !== "ok") return `Cell ${cell}: ${failed?.ename ?? "an error"}.`;
  let lines = 0;
  let others = 0;
  for (const { output_type, text, data } of outputs) {
    if (output_type === "stream") lines += count(text);
    else if (data && Object.keys(data).some((type) => type !== "text/plain")) others += 1;
    else if (data) lines += count(data["text/plain"]);
  }
  const parts = [];
  if (lines) parts.push(`${lines} ${lines === 1 ? "line" : "lines"}`);
  if (others) parts.push(others === 1 ? "something to see" : `${others} things to see`);
  return parts.length ? `Cell ${cell} ran: ${parts.join(" and ")}.` : `Cell ${cell} ran, without output.`;
}

/** @param {string | string[]} text */
function count(text) {
  const whole = [text ?? ""].flat().join("").replace(/\n$/, "");
  return whole ? whole.split("\n").length : 0;
}
