/* What ESLint looks at, and where each file runs. */
import js from "@eslint/js";
import globals from "globals";

const rules = {
  ...js.configs.recommended.rules,
  eqeqeq: ["error", "always", { null: "ignore" }],
  "no-redeclare": ["error", { builtinGlobals: false }],
  "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
  "no-var": "error",
  "prefer-const": "error",
};
const script = { ecmaVersion: 2024, sourceType: "script" };

export default [
  { files: ["js/src/*.js"], languageOptions: { globals: { ...globals.browser, VERSION: "readonly" } }, rules },
  {
    files: ["js/src/worker.js", "js/src/downloads.js"],
    languageOptions: { globals: { ...globals.worker, loadPyodide: "readonly" } },
    rules,
  },
  { files: ["explore/**/*.js"], languageOptions: { globals: globals.browser }, rules },
  { files: ["js/*.{js,mjs}", "python/*.mjs", "tests/*.mjs"], languageOptions: { globals: globals.nodeBuiltin }, rules },
  { files: ["pages/*.js", "lite/*.js", "inline/*.js"], languageOptions: { ...script, globals: globals.browser }, rules },
  {
    files: ["offline/*.js"],
    languageOptions: { ...script, globals: { ...globals.serviceworker, ...globals.browser, BUILD: "readonly", FILES: "readonly", FIRST: "readonly" } },
    rules,
  },
];
