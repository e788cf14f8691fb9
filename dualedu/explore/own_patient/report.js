/* The front end of Report: the diagnosis, with links that lead into the book where there is one. */

function render({ model, el }) {
  el.classList.add("explore-report");
  const show = () => {
    el.innerHTML = model.get("html");  // made by the library, every text in it escaped
    const book = /^(.*\/book\/)(?!.*\/book\/)/.exec(location.pathname)?.[1];
    for (const link of el.querySelectorAll("a[href^='../']")) {
      if (book) link.href = book + link.getAttribute("href").slice(3);
      else link.replaceWith(link.textContent);
    }
  };
  model.on("change:html", show);
  show();
  return () => model.off("change:html", show);
}

export default { render };
