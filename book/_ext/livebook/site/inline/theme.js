/* What the theme's own script does not think of. It runs before that. */

// On a phone the page's contents lie over it, and go when one of them was chosen.
addEventListener("click", ({ target }) => {
  const link = target.closest?.("dialog a[href]");
  if (link?.hash && link.pathname === location.pathname) link.closest("dialog").close();
});

// Ctrl-K opens the search, but not from within code.
addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
  if (!event.target.closest?.(".cm-editor")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });
