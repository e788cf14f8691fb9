/* The editor of a cell: CodeMirror, in the colours that the page's code has anyway. */
import { autocompletion, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { localCompletionSource, python } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap } from "@codemirror/view";
import { tagHighlighter, tags } from "@lezer/highlight";
import { called } from "./called.js";
import { signatures, words } from "./signature.js";

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

const LEAVING = 2000;   // milliseconds after Escape in which Tab leaves

/* Tab indents, and Escape before it lets it leave: an editor that holds it would trap whoever has no
   mouse. Its label says so. */
/** @type {import("@codemirror/view").Command} */
const indent = (view) => {
  const { state } = view;
  if (!state.selection.main.empty) return indentMore(view);
  const { from, text } = state.doc.lineAt(state.selection.main.head);
  const column = state.selection.main.head - from;
  // To the next stop of four, as an indentation is written.
  view.dispatch(state.replaceSelection(" ".repeat(4 - (/^\s*$/.test(text.slice(0, column)) ? column % 4 : 0))));
  return true;
};

/**
 * @param {object} given
 * @param {HTMLElement} given.parent
 * @param {string} given.code
 * @param {string} given.label
 * @param {() => void} given.run
 * @param {(before: string, after: string) => Promise<import("./protocol").Completed | null>} given.complete
 * @param {import("./signature.js").Describe} given.describe
 * @param {(code: string) => void} given.change
 */
export function makeEditor({ parent, code, label, run, complete, describe, change }) {
  /** @type {import("@codemirror/autocomplete").CompletionSource} */
  const names = async (context) => {
    const { doc } = context.state;
    const found = await complete(doc.sliceString(0, context.pos), doc.sliceString(context.pos));
    if (!found) return localCompletionSource(context);   // what the cell itself says
    const { length } = found.replaces;
    const before = doc.sliceString(doc.lineAt(context.pos).from, context.pos - length);
    const info = async (/** @type {{ label: string }} */ { label }) => {
      const name = called(`${before}${label}(`);
      const said = name && await describe(name);
      return said ? words(said) : null;
    };
    return { from: context.pos - length, options: found.names.map((name) => ({ label: name, info })) };
  };
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
        autocompletion({ activateOnTyping: false, override: [names] }),
        signatures(describe),
        python(),
        syntaxHighlighting(colours),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
        EditorView.updateListener.of((update) => { if (update.docChanged) change(update.state.doc.toString()); }),
        keymap.of([
          { key: "Shift-Enter", run: () => { run(); return true; } },
          { key: "Mod-Enter", run: () => { run(); return true; } },
          { key: "Tab", run: indent, shift: indentLess },
          { key: "Escape", run: (view) => { view.setTabFocusMode(LEAVING); return false; } },
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
