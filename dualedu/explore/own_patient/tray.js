/* The front end of Tray: a file, chosen or dropped anywhere on the widget, read here and now. */

const MOST = 20e6;  // bytes: notebooks with many pictures in their outputs

function render({ model, el }) {
  el.classList.add("explore-tray");
  const label = add(el, "label");
  add(label, "span").textContent = "Choose or drop a notebook (.ipynb) or a file of Python, or paste code below. It is read here: nothing leaves your machine.";
  const field = add(label, "input");
  field.type = "file";
  field.accept = ".ipynb,.py,.txt";
  const said = add(el, "p");
  said.setAttribute("role", "status");
  const say = () => { said.textContent = model.get("said"); };

  const read = async (file) => {
    if (!file) return;
    if (file.size > MOST) {
      said.textContent = `${file.name} has ${Math.round(file.size / 1e6)} MB; clear its outputs, or paste the code.`;
      return;
    }
    const text = await file.text();
    // Emptied first, so that the same answer to a second file is an answer.
    model.set({ said: "", file: { name: file.name, text, count: performance.now() } });
    model.save_changes();
    said.textContent = `Reading ${file.name} …`;
  };
  const choose = () => read(field.files[0]);
  field.addEventListener("change", choose);
  model.on("change:said", say);
  say();

  // The whole widget takes a file that is dropped; without this the browser would open it.
  let root = null;
  const over = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    root.classList.toggle("explore-over", event.type === "dragover");
  };
  const drop = (event) => {
    over(event);
    if (event.dataTransfer?.files.length) read(event.dataTransfer.files[0]);
  };
  const start = () => {
    root = el.closest(".dualedu-explore") ?? el;
    for (const kind of ["dragover", "dragleave"]) root.addEventListener(kind, over);
    root.addEventListener("drop", drop);
  };
  const waiting = requestAnimationFrame(function wait() {
    if (el.isConnected) start();
    else requestAnimationFrame(wait);
  });
  return () => {
    cancelAnimationFrame(waiting);
    for (const kind of ["dragover", "dragleave"]) root?.removeEventListener(kind, over);
    root?.removeEventListener("drop", drop);
    model.off("change:said", say);
  };
}

function add(parent, tag) {
  return parent.appendChild(document.createElement(tag));
}

export default { render };
