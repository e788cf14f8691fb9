/* The front end of Picture: draw, say, drag, and name the sliders around it. */

const SPEAKS = "explore-words";

function render({ model, el }) {
  el.classList.add("explore-view");
  const drawing = add(el, "div", "explore-picture");
  const words = add(el, "p", SPEAKS, "status");
  const message = add(el, "p", "explore-message", "alert");

  const show = () => {
    drawing.innerHTML = model.get("svg");  // drawn by the library, every text in it escaped
  };
  const say = () => {
    // Written only where it changed: what is written is spoken.
    for (const [place, name] of [[words, "words"], [message, "message"]]) {
      if (place.textContent !== model.get(name)) place.textContent = model.get(name);
    }
  };
  const redraw = () => {
    show();
    answered = true;
  };
  let answered = true;
  model.on("change:svg", redraw);
  model.on("change:words change:message", say);
  show();
  say();
  drag(drawing, (gesture) => {
    // The next place is sent when the last one has been drawn: a slow kernel is never flooded.
    if (!answered && gesture.phase === "move") return;
    answered = false;
    model.set("gesture", gesture);
    model.save_changes();
    setTimeout(() => { answered = true; }, 200);  // where a move changes nothing, nothing is drawn
  });
  const stop = nameSliders(el);
  return () => {
    stop();
    model.off("change:svg", redraw);
    model.off("change:words change:message", say);
  };
}

function add(parent, tag, name, role) {
  const child = document.createElement(tag);
  child.className = name;
  if (role) child.setAttribute("role", role);
  return parent.appendChild(child);
}

/* Pointer events on elements with data-drag, in the drawing's own units. */
function drag(drawing, send) {
  let held = null;
  let pointer = null;  // a second finger takes nothing from the first
  let last = null;  // a gesture that the browser ends has no place of its own
  const place = (event) => {
    const svg = drawing.querySelector("svg");
    const point = new DOMPoint(event.clientX, event.clientY);
    const { x, y } = point.matrixTransform(svg.getScreenCTM().inverse());
    return { x, y };
  };
  const tell = (phase) => send({ drag: held, phase, count: performance.now(), ...last });
  // Within a drawing browsers do not honour `touch-action`: a drag would scroll the page.
  drawing.addEventListener("touchstart", (event) => {
    if (event.target.closest("[data-drag]")) event.preventDefault();
  }, { passive: false });
  drawing.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-drag]");
    if (!grip || event.button > 0 || held !== null) return;
    event.preventDefault();
    pointer = event.pointerId;
    held = grip.getAttribute("data-drag");
    // The drawing is replaced while the pointer moves, so its frame holds the pointer.
    drawing.setPointerCapture(event.pointerId);
    last = place(event);
    tell("start");
  });
  drawing.addEventListener("pointermove", (event) => {
    if (held === null || event.pointerId !== pointer) return;
    last = place(event);
    tell("move");
  });
  for (const end of ["pointerup", "pointercancel"]) {
    drawing.addEventListener(end, (event) => {
      if (held === null || event.pointerId !== pointer) return;
      if (end === "pointerup") last = place(event);
      tell("end");
      held = null;
    });
  }
}

/* What ipywidgets leaves out. Its slider handles have no name, and read 0.2999999999999998 aloud. */
function nameSliders(el) {
  let watcher = null;
  const put = (node, name, value) => {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  };
  const look = (root) => {
    // Jupyter's notebook has commands on the arrow keys and on Enter, and would take them first.
    for (const control of root.querySelectorAll("input, select, textarea, button, [tabindex]")) {
      put(control, "data-lm-suppress-shortcuts", "true");
    }
    for (const row of root.querySelectorAll(".explore-row")) {
      const handle = row.querySelector(".noUi-handle");
      const label = row.querySelector(".widget-label");
      const box = row.querySelector("input");
      if (!handle || !label || !box) continue;
      put(handle, "aria-label", label.textContent);
      put(handle, "aria-valuetext", box.value);
      put(handle, "aria-orientation", "horizontal");
      fill(handle);
    }
  };
  // The track is filled up to its handle.
  const fill = (handle) => {
    const [at, low, high] = ["now", "min", "max"].map((end) => Number(handle.getAttribute(`aria-value${end}`)));
    const share = high > low ? (100 * (at - low)) / (high - low) : 0;
    handle.closest(".noUi-target").style.setProperty("--explore-at", `${share}%`);
  };
  // A handle that moves says where it is at once; its box follows when the kernel has answered.
  const moved = (handle) => {
    fill(handle);
    const at = Number(handle.getAttribute("aria-valuetext"));
    const log = handle.closest(".explore-log");
    if (!Number.isNaN(at)) {
      const value = log ? Number((10 ** at).toPrecision(3)) : Number(at.toFixed(9));
      put(handle, "aria-valuetext", String(value));
    }
  };
  const start = () => {
    const root = el.closest(".dualedu-explore");
    if (!root) return;
    watcher = new MutationObserver((changes) => {
      const handles = changes.filter((change) => change.type === "attributes");
      new Set(handles.map((change) => change.target)).forEach(moved);
      if (handles.length < changes.length) look(root);
    });
    const attributeFilter = ["aria-valuenow"];
    watcher.observe(root, { subtree: true, childList: true, attributeFilter });
    look(root);
    letScroll(root);
  };
  // The view is drawn before it stands in the page.
  const waiting = new MutationObserver(() => {
    if (!el.isConnected) return;
    waiting.disconnect();
    start();
  });
  if (el.isConnected) start();
  else waiting.observe(document.body, { subtree: true, childList: true });
  return () => {
    waiting.disconnect();
    watcher?.disconnect();
  };
}

/* A finger that scrolls may begin on a slider, whose track would jump to it at once. Left alone, the
   browser scrolls, or makes of a tap the press of a mouse, which the slider then takes. */
function letScroll(root) {
  if (root.dataset.scrolls) return;
  root.dataset.scrolls = "";
  const onTrack = ({ target }) => target.closest(".noUi-base") && !target.closest(".noUi-handle");
  root.addEventListener("touchstart", (event) => {
    if (onTrack(event)) event.stopPropagation();
  }, { capture: true, passive: true });
  root.addEventListener("touchcancel", (event) => {
    if (!event.target.closest(".noUi-handle")) return;
    const { changedTouches } = event;
    event.target.dispatchEvent(new TouchEvent("touchend", { bubbles: true, changedTouches: [...changedTouches] }));
  });
}

export default { render };
