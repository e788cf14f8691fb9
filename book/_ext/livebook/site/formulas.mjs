// Formulas as pages show them, set by MathJax under Node: node formulas.mjs MATHJAX GIVEN TARGET
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [mathjax, given, target] = process.argv.slice(2);
const { options, formulas } = JSON.parse(readFileSync(given, "utf8"));
const require = createRequire(import.meta.url);

const MathJax = await require(`${mathjax}/node-main.js`).init({
  ...options,
  tex: { packages: { "[+]": ["html", "mathtools"] } },
  loader: {
    paths: { mathjax },
    load: ["input/tex", "[tex]/html", "[tex]/mathtools", "output/chtml", "adaptors/liteDOM", "a11y/assistive-mml"],
    // The file of the adaptor does not say its version.
    versionWarnings: false,
    require,
  },
});
const { adaptor } = MathJax.startup;
const html = [];
for (const [tex, display] of formulas) {
  html.push(adaptor.outerHTML(await MathJax.tex2chtmlPromise(tex, { display })));
}
writeFileSync(target, JSON.stringify({ html, css: adaptor.textContent(MathJax.chtmlStylesheet()) }));
