// The parts of a printed dual number in the book's two colours, in stored outputs and in live ones.
// The letters stay as they were printed: highlights colour them without elements of their own.
const NUMBER = String.raw`-?(?:\d+\.?\d*(?:e[+-]?\d+)?|inf|nan)`;
const PRINTED = new RegExp(String.raw`(${NUMBER}|\[[^\[\]\n]*\])( [+-] )((?:${NUMBER}|\[[^\[\]\n]*\])ε)`, "g");
const OUTPUTS = ".cell_output pre, .live-output pre";

/** Where the parts of each dual number in a text begin and end: [[value], [slope]]. */
function parts(text) {
  return [...text.matchAll(PRINTED)].map(({ index, 1: value, 2: sign, 3: slope }) => {
    const behind = index + value.length + sign.length;
    return [[index, index + value.length], [behind, behind + slope.length]];
  });
}

function colour() {
  const [primal, tangent] = [new Highlight(), new Highlight()];
  for (const output of document.querySelectorAll(OUTPUTS)) {
    if (!output.textContent.includes("ε")) continue;
    const letters = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
    while (letters.nextNode()) {
      const node = letters.currentNode;
      for (const pair of parts(node.data)) {
        for (const [i, [start, end]] of pair.entries()) {
          const range = new StaticRange({ startContainer: node, startOffset: start, endContainer: node, endOffset: end });
          [primal, tangent][i].add(range);
        }
      }
    }
  }
  CSS.highlights.set("primal", primal);
  CSS.highlights.set("tangent", tangent);
}

if (window.Highlight && CSS.highlights) {
  let waiting = 0;
  const soon = () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      colour();
    });
  };
  colour();
  // A cell that runs prints anew.
  new MutationObserver((changes) => {
    if (changes.some(({ target }) => target.parentElement?.closest(".cell") && !target.closest?.("figure, .dualedu-explore"))) soon();
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}
