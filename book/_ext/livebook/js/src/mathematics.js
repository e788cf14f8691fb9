/* MathJax for what Python puts out, had when the first formula comes: those of the page are set. Some
   widgets look for the Hub of its second version. */

const SOURCE = new URL("../mathjax/mathjax.js", import.meta.url).href;
const FORMULA = /\$|\\\(|\\\[/;
/** @type {Promise<any> | null} */
let loading = null;

/* There from the first widget on, through all the time in which MathJax loads. */
const Hub = {
  Queue: (/** @type {any[]} */ call) => { if (call[0] === "Typeset") typeset(call[2]); },
  Config() {},
  Register: { StartupHook() {} },
};

/** @returns {Promise<any>} MathJax, whether the page has it or has to get it */
function mathjax() {
  if (window.MathJax?.typesetPromise) return window.MathJax.startup.promise;
  loading ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: SOURCE, onload: resolve, onerror: reject });
    window.MathJax = {
      Hub,
      loader: { load: [] },
      tex: { inlineMath: [["$", "$"], ["\\(", "\\)"]] },
      chtml: { scale: 1.08 },
      startup: {
        typeset: false,
        ready() {
          offerHub();
          window.MathJax.startup.defaultReady();
        },
      },
    };
    document.head.append(script);
  }).then(() => window.MathJax.startup.promise);
  loading.catch(() => { loading = null; });
  return loading;
}

/** @param {HTMLElement} element */
export async function typeset(element) {
  element.classList.add("mathjax_process");
  if (!FORMULA.test(String(element.textContent))) return;
  await mathjax();
  await window.MathJax.typesetPromise([element]);
}

export function offerHub() {
  window.MathJax ??= {};
  window.MathJax.Hub ??= Hub;
}
