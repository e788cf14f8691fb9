import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { Printed } = await page("printed.js");

function printing() {
  const sent = [];
  const clock = { now: 1000 };
  const printed = new Printed((name, text) => sent.push([name, text]), () => clock.now);
  printed.flush();
  return { sent, clock, printed };
}

test("what is printed quickly goes in one piece", () => {
  const { sent, printed } = printing();
  printed.add("stdout", "a");
  printed.add("stdout", "b");
  assert.deepEqual(sent, []);
  printed.flush();
  printed.flush();
  assert.deepEqual(sent, [["stdout", "ab"]]);
});

test("after a while a piece goes by itself", () => {
  const { sent, clock, printed } = printing();
  printed.add("stdout", "a");
  clock.now += 41;
  printed.add("stdout", "b");
  assert.deepEqual(sent, [["stdout", "ab"]]);
});

test("two streams keep their order", () => {
  const { sent, printed } = printing();
  printed.add("stdout", "a");
  printed.add("stderr", "b");
  printed.add("stdout", "c");
  printed.flush();
  assert.deepEqual(sent, [["stdout", "a"], ["stderr", "b"], ["stdout", "c"]]);
});

test("a run prints no more than a page can show, and says so once", () => {
  const { sent, printed } = printing();
  for (let line = 0; line < 1000; line++) printed.add("stdout", "x".repeat(1000));
  printed.flush();
  const text = sent.map(([, piece]) => piece).join("");
  assert.equal(text.match(/x/g).length, 200_000);
  assert.equal(text.match(/more was printed than a page can show/g).length, 1);
});

test("a piece that fills the room exactly hides nothing: the next one brings the word", () => {
  const { sent, printed } = printing();
  for (let piece = 0; piece < 3; piece++) printed.add("stdout", "x".repeat(100_000));
  printed.flush();
  assert.match(sent.map(([, piece]) => piece).join(""), /^x{200000}\n… more was printed than a page can show\n$/);
});

test("the next run may print again", () => {
  const { sent, printed } = printing();
  printed.add("stdout", "x".repeat(300_000));
  printed.flush();
  printed.restart();
  printed.add("stdout", "y");
  printed.flush();
  assert.deepEqual(sent.at(-1), ["stdout", "y"]);
});
