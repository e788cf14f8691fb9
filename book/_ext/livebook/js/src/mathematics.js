/* The page's MathJax, for outputs and for widgets that look for the Hub of its second version. */

/** @param {HTMLElement} element */
export function typeset(element) {
  element.classList.add("mathjax_process");
  return window.MathJax?.typesetPromise?.([element]);
}

export function offerHub() {
  const mathjax = window.MathJax;
  if (!mathjax || mathjax.Hub) return;
  mathjax.Hub = {
    Queue: (/** @type {any[]} */ call) => { if (call[0] === "Typeset") typeset(call[2]); },
    Config() {},
    Register: { StartupHook() {} },
  };
}
