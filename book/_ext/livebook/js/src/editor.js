/* The editor of a cell: CodeMirror, in the colours that the page's code has anyway. */
import { autocompletion, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap } from "@codemirror/view";
import { tagHighlighter, tags } from "@lezer/highlight";

/* Pygments' class names: the theme's style sheet, light and dark, then does the rest. */
const colours = tagHighlighter([
  { tag: tags.comment, class: "c1" },
  { tag: tags.string, class: "s2" },
  { tag: tags.special(tags.string), class: "si" },
  { tag: tags.escape, class: "se" },
  { tag: tags.number, class: "mi" },
  { tag: tags.bool, class: "kc" },
  { tag: tags.null, class: "kc" },
  { tag: tags.keyword, class: "k" },
  { tag: tags.operatorKeyword, class: "ow" },
  { tag: tags.operator, class: "o" },
  { tag: tags.punctuation, class: "p" },
  { tag: tags.definition(tags.className), class: "nc" },
  { tag: tags.function(tags.definition(tags.variableName)), class: "nf" },
  { tag: tags.meta, class: "nd" },
  { tag: tags.name, class: "n" },
]);

/* Tab indents lines that are selected, and else moves the focus: an editor that holds it would trap
   whoever has no mouse. Escape gives the selection up, so Escape and Tab always leave. */
/** @param {import("@codemirror/view").Command} change @returns {import("@codemirror/view").Command} */
const onSelection = (change) => (view) => !view.state.selection.main.empty && change(view);

/**
 * @param {object} given
 * @param {HTMLElement} given.parent
 * @param {string} given.code
 * @param {string} given.label
 * @param {() => void} given.run
 * @param {() => void} given.change
 */
export function makeEditor({ parent, code, label, run, change }) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: code,
      extensions: [
        history(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of("    "),
        EditorState.tabSize.of(4),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ activateOnTyping: false }),
        python(),
        syntaxHighlighting(colours),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
        EditorView.updateListener.of((update) => { if (update.docChanged) change(); }),
        keymap.of([
          { key: "Shift-Enter", run: () => { run(); return true; } },
          { key: "Mod-Enter", run: () => { run(); return true; } },
          { key: "Tab", run: onSelection(indentMore), shift: onSelection(indentLess) },
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...historyKeymap,
        ]),
      ],
    }),
  });
  return {
    get code() {
      return view.state.doc.toString();
    },
    set code(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    focus: () => view.focus(),
  };
}
