/* The signature of the function whose parenthesis was opened, above it until it is closed. */
import { StateEffect, StateField } from "@codemirror/state";
import { EditorView, keymap, showTooltip } from "@codemirror/view";
import { called, open } from "./called.js";
import { element } from "./dom.js";

/** @typedef {import("./protocol").Described} Described */
/** @typedef {(name: string) => Promise<Described | null>} Describe */

/** @typedef {{ pos: number, said: Described } | null} Tip */

/** @type {import("@codemirror/state").StateEffectType<Tip>} */
const show = StateEffect.define();

/** @param {Described} said */
export function words({ signature, doc }) {
  return element("div", { class: "live-signature" }, element("code", {}, signature), ...(doc ? [element("p", {}, doc)] : []));
}

/** @type {StateField<Tip>} */
const field = StateField.define({
  create: () => /** @type {Tip} */ (null),
  update(tip, { effects, changes, state }) {
    for (const effect of effects) if (effect.is(show)) return effect.value;
    if (!tip) return null;
    const pos = changes.mapPos(tip.pos);
    const { head } = state.selection.main;
    return head > pos && open(state.sliceDoc(pos, head)) ? { ...tip, pos } : null;
  },
  provide: (tip) => showTooltip.from(tip, (shown) => shown && { pos: shown.pos, above: true, create: () => ({ dom: words(shown.said) }) }),
});

/** @param {Describe} describe */
export const signatures = (describe) => [
  field,
  EditorView.updateListener.of(async ({ view, state, docChanged, transactions }) => {
    if (!docChanged || !transactions.some((each) => each.isUserEvent("input"))) return;
    const { head } = state.selection.main;
    const name = called(state.sliceDoc(state.doc.lineAt(head).from, head));
    const said = name && await describe(name);
    // By now its writer may be further on; the field looks whether the parenthesis is still open.
    if (said && open(view.state.sliceDoc(head - 1, view.state.selection.main.head))) {
      view.dispatch({ effects: show.of({ pos: head - 1, said }) });
    }
  }),
  EditorView.domEventHandlers({ blur: (_, view) => { view.dispatch({ effects: show.of(null) }); } }),
  keymap.of([{
    key: "Escape",
    run: (view) => {
      if (view.state.field(field)) view.dispatch({ effects: show.of(null) });
      return false;   // it has its other meanings too
    },
  }]),
];
