/* On a phone the page's contents lie over it, and go when one of them was chosen. */
addEventListener("click", ({ target }) => {
  const link = target.closest?.("dialog a[href]");
  if (link?.hash && link.pathname === location.pathname) link.closest("dialog").close();
});
