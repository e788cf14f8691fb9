import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { Displays } = await page("displays.js");

/** As Jupyter's model: items are objects of its own. */
class Model {
  items = [];
  isDisposed = false;
  get length() { return this.items.length; }
  get(index) { return this.items[index]; }
  add(output) { this.items.push({ output }); }
  set(index, output) { this.items[index] = { output }; }
  shown() { return this.items.map(({ output }) => output.data); }
}

const display = (data, id) => ({ output_type: "display_data", data, transient: id ? { display_id: id } : undefined });
const update = (data, id) => ({ output_type: "update_display_data", data, transient: { display_id: id } });

test("a display is replaced where it stands, as a display", () => {
  const [displays, model] = [new Displays(), new Model()];
  displays.add(model, display("first", "h"));
  displays.add(model, display("after"));
  displays.update(update("second", "h"));
  assert.deepEqual(model.shown(), ["second", "after"]);
  assert.deepEqual(model.items[0].output, { output_type: "display_data", data: "second" });
  displays.update(update("third", "h"));
  assert.deepEqual(model.shown(), ["third", "after"]);
});

test("wherever it stands: in every area that shows it", () => {
  const [displays, one, other] = [new Displays(), new Model(), new Model()];
  displays.add(one, display("a", "h"));
  displays.add(other, display("b"));
  displays.add(other, display("a", "h"));
  displays.update(update("new", "h"));
  assert.deepEqual([one.shown(), other.shown()], [["new"], ["b", "new"]]);
});

test("a display that was cleared, or whose area is gone, stays gone", () => {
  const [displays, cleared, gone] = [new Displays(), new Model(), new Model()];
  displays.add(cleared, display("a", "h"));
  displays.add(gone, display("a", "h"));
  cleared.items = [{ output: { data: "other" } }];
  gone.isDisposed = true;
  displays.update(update("new", "h"));
  assert.deepEqual([cleared.shown(), gone.shown()], [["other"], ["a"]]);
});

test("an update of a name that nothing has is no error", () => {
  new Displays().update(update("x", "nobody"));
});
