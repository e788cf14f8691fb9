/* Elements in one line. Text is always text: nothing is ever parsed as HTML here. */
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
