/* Elements in one line, and what stands in them. Text is always text: nothing is ever parsed as HTML here. */
/**
 * @param {string} tag
 * @param {Record<string, any>} properties attributes; onclick and the like are listeners
 * @param {...(string | Node)} children
 * @returns {any} the element
 */
export function element(tag, properties = {}, ...children) {
  const { class: name, ...rest } = properties;
  const made = document.createElement(tag);
  if (name) made.className = name;
  for (const [key, value] of Object.entries(rest)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/**
 * @param {string} label
 * @param {(event: Event) => void} press
 * @param {Record<string, any>} properties
 * @returns {HTMLButtonElement}
 */
export function button(label, press, properties = {}) {
  return element("button", { type: "button", class: "live-button", onclick: press, ...properties }, label);
}

/**
 * A control as the page was sent.
 * @param {HTMLElement} control
 * @returns {any}
 */
export function asSent(control) {
  const form = document.createElement("form");
  form.append(control.cloneNode(true));
  form.reset();
  return form.firstChild;
}

/**
 * The value of a control: a boolean, a text, or a number, which a slider gives without the digits
 * that nobody chose: 0.3, not 0.30000000000000004. Python's Number.slid rounds in the same way.
 * @param {any} control
 */
export function read(control) {
  if (control.type === "checkbox") return control.checked;
  if (control.type === "range") {
    const value = Number(control.value);
    return control.dataset.scale === "log" ? Number((10 ** value).toPrecision(3)) : Number(value.toFixed(9));
  }
  return control.type === "number" ? Number(control.value) : control.value;
}
