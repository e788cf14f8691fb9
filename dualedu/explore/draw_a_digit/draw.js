/* The front end of Pad: a grid that takes ink from the pointer or from keys, at once. */

const SIDE = 28;
const CELL = 12;  // pixels of the canvas for one of the drawing
const NIB = 1.9;  // from the middle of a stroke to where its ink ends, in pixels of the drawing

function render({ model, el }) {
  el.classList.add("explore-pad");
  const canvas = add(el, "canvas");
  canvas.width = canvas.height = SIDE * CELL;
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", "Drawing grid, 28 by 28 pixels");
  const beside = add(el, "div");
  const help = add(beside, "p");
  help.id = `explore-pad-${Math.random().toString(36).slice(2)}`;
  help.innerHTML = "Draw with the pointer, or with keys: <kbd>arrows</kbd> move, <kbd>space</kbd> "
    + "darkens one pixel, <kbd>delete</kbd> lightens it, <kbd>P</kbd> puts the pen down or up.";
  canvas.setAttribute("aria-describedby", help.id);
  const rubber = add(beside, "button");
  rubber.type = "button";
  rubber.textContent = "Rubber";
  const place = add(beside, "p");

  let ink = new Uint8Array(SIDE * SIDE);
  let row = 0, column = 0;
  let stroke = null;  // the last point of the stroke under way
  let down = false;   // the pen of the keys
  let rubs = false;

  const paint = () => {
    const look = getComputedStyle(el);
    const colour = (name, light) => look.getPropertyValue(`--explore-${name}`).trim() || light;
    const on = canvas.getContext("2d");
    on.globalAlpha = 1;
    on.fillStyle = colour("paper", "#ffffff");
    on.fillRect(0, 0, canvas.width, canvas.height);
    on.fillStyle = colour("pale", "#e3e3e3");
    for (let i = 1; i < SIDE; i++) {
      on.fillRect(i * CELL, 0, 1, canvas.height);
      on.fillRect(0, i * CELL, canvas.width, 1);
    }
    on.fillStyle = colour("ink", "#333333");
    ink.forEach((value, i) => {
      if (!value) return;
      on.globalAlpha = value / 255;
      on.fillRect((i % SIDE) * CELL, Math.floor(i / SIDE) * CELL, CELL, CELL);
    });
    on.globalAlpha = 1;
    // Two frames, so that the cursor shows on paper and on ink.
    on.lineWidth = 5;
    on.strokeStyle = colour("paper", "#ffffff");
    on.strokeRect(column * CELL - 0.5, row * CELL - 0.5, CELL + 1, CELL + 1);
    on.lineWidth = 3;
    on.strokeStyle = colour("tangent", "#d55e00");
    on.strokeRect(column * CELL - 0.5, row * CELL - 0.5, CELL + 1, CELL + 1);
    const share = Math.round(ink[row * SIDE + column] / 2.55);
    const pen = down ? (rubs ? ", rubber down" : ", pen down") : "";
    place.textContent = `Row ${row + 1}, column ${column + 1}: ${share} % ink${pen}.`;
    rubber.setAttribute("aria-pressed", String(rubs));
  };

  // What is drawn while the kernel works is sent when it has answered: it is never flooded.
  // Ink goes along only where it is new here, or a cursor on its way would undo a Clear.
  let count = model.get("answered"), waits = false, news = false, patience = null;
  let inked = false;  // not sent yet
  let ours = null;    // the ink that was sent or taken last
  const send = () => {
    news = true;
    if (waits) return;
    news = false;
    waits = true;
    count += 1;
    const sent = { row, column, count };
    if (inked) {
      ours = sent.ink = encode(ink);
      sent.drawing = model.get("drawing");
    }
    inked = false;
    model.set("sent", sent);
    model.save_changes();
    patience = setTimeout(answered, 2000);  // a kernel that has died answers nothing
  };
  const answered = () => {
    clearTimeout(patience);
    waits = false;
    if (news) send();
  };
  const follow = () => {
    const given = model.get("ink");
    if (stroke || ((waits || news) && given === ours)) return;  // what the page has is newer
    if (!inked || given !== ours) {
      ink = decode(given);
      ours = given;
      inked = false;
    }
    row = model.get("row");
    column = model.get("column");
    paint();
  };
  const reply = () => {
    answered();
    if (!waits) follow();
  };
  model.on("change:answered", reply);
  model.on("change:ink change:row change:column", follow);

  const dab = (x, y, lightens) => {
    inked = true;
    for (let r = Math.max(0, Math.floor(y - NIB)); r < Math.min(SIDE, y + NIB); r++) {
      for (let c = Math.max(0, Math.floor(x - NIB)); c < Math.min(SIDE, x + NIB); c++) {
        const cover = Math.min(1, Math.max(0, NIB - Math.hypot(c + 0.5 - x, r + 0.5 - y)));
        const value = Math.round(255 * cover), i = r * SIDE + c;
        ink[i] = lightens ? Math.min(ink[i], 255 - value) : Math.max(ink[i], value);
      }
    }
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const x = (event.clientX - box.left) * SIDE / box.width;
    const y = (event.clientY - box.top) * SIDE / box.height;
    return { x, y };
  };
  const point = ({ x, y }) => {
    const old = [row, column];
    column = Math.min(SIDE - 1, Math.max(0, Math.floor(x)));
    row = Math.min(SIDE - 1, Math.max(0, Math.floor(y)));
    return old[0] !== row || old[1] !== column;
  };
  const draw = (to) => {
    const steps = Math.max(1, Math.ceil(3 * Math.hypot(to.x - stroke.x, to.y - stroke.y)));
    for (let i = 1; i <= steps; i++) {
      const share = i / steps;
      dab(stroke.x + share * (to.x - stroke.x), stroke.y + share * (to.y - stroke.y), rubs);
    }
    stroke = to;
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    canvas.setPointerCapture(event.pointerId);
    stroke = at(event);
    draw(stroke);
    point(stroke);
    paint();
    send();
  });
  canvas.addEventListener("pointermove", (event) => {
    const all = stroke && event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    if (stroke) (all.length ? all : [event]).forEach((part) => draw(at(part)));
    if (!point(at(event)) && !stroke) return;
    paint();
    send();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      if (!stroke) return;
      stroke = null;
      send();
    });
  }

  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const i = row * SIDE + column;
    if (event.key in steps) {
      const [dy, dx] = steps[event.key];
      row = Math.min(SIDE - 1, Math.max(0, row + dy));
      column = Math.min(SIDE - 1, Math.max(0, column + dx));
    } else if (event.key === " ") {
      ink[i] = rubs ? 0 : 255;
      inked = true;
    } else if (event.key === "Delete" || event.key === "Backspace") {
      ink[i] = 0;
      inked = true;
    } else if (event.key === "p" || event.key === "P") {
      down = !down;
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();  // a notebook has shortcuts of its own for these keys
    if (down) dab(column + 0.5, row + 0.5, rubs);
    paint();
    send();
  });
  rubber.addEventListener("click", () => {
    rubs = !rubs;
    paint();
  });

  follow();
  // The colours come with the page, and change with its theme.
  const watcher = new MutationObserver(paint);
  const themed = { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light", "theme", "class"] };
  watcher.observe(document.documentElement, themed);
  watcher.observe(document.body, themed);
  const placed = requestAnimationFrame(paint);
  return () => {
    watcher.disconnect();
    cancelAnimationFrame(placed);
    clearTimeout(patience);
    model.off("change:answered", reply);
    model.off("change:ink change:row change:column", follow);
  };
}

function add(parent, tag) {
  return parent.appendChild(document.createElement(tag));
}

function encode(ink) {
  return Array.from(ink, (value) => value.toString(16).padStart(2, "0")).join("");
}

function decode(text) {
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => parseInt(text.substr(2 * i, 2), 16));
}

export default { render };
