/* A widget that has few states: what Python answered in each of them when the book was built. */
import { Elsewhere, Refused } from "./refusals.js";

const NEAR = "800px";   // from the screen: what a reader scrolls to in a second or two

/**
 * The widget of a folder, by the table that lies there: stored.py says what is in it. A reader who
 * does not come near the figure does without.
 */
export async function stored(folder, figure) {
  await near(figure);
  const { ok, body } = await fetch(new URL(`../${folder}/states.bin`, import.meta.url));
  if (!ok) throw new Error(`${folder} has no table of states`);
  return { default: widget(await new Response(body.pipeThrough(new DecompressionStream("deflate"))).json()) };
}

function near(figure) {
  return new Promise((come) => {
    new IntersectionObserver(([{ isIntersecting }], observer) => {
      if (!isIntersecting) return;
      observer.disconnect();
      come();
    }, { rootMargin: NEAR }).observe(figure);
  });
}

export function widget({ traits, whole, pool, states, actions }) {
  const key = (state) => JSON.stringify(traits.map((name) => state[name]));
  const after = (pressed) => (state) => {
    const found = pressed[key(state)];
    if (!found) throw new Elsewhere();
    return Object.fromEntries(JSON.parse(found).map((value, i) => [traits[i], value]));
  };
  return {
    whole,
    answer(state) {
      const found = states[key(state)];
      if (!found) throw new Elsewhere();
      if (typeof found === "string") throw new Refused(found);
      const [elements, words] = found;
      return { svg: elements.map((element) => pool[element]).join("<"), words };
    },
    drag() {
      throw new Elsewhere();
    },
    actions: Object.fromEntries(Object.entries(actions).map(([name, pressed]) => [name, after(pressed)])),
  };
}
