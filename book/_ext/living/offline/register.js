/* Lets sw.js keep the pages that a reader visits. Only https and this machine allow that. */
(() => {
  if (!navigator.serviceWorker || !location.protocol.startsWith("http")) return;
  const root = new URL("../", document.currentScript.src).href;
  const first = !navigator.serviceWorker.controller;
  addEventListener("load", async () => {
    try {
      await navigator.serviceWorker.register(`${root}sw.js`, { scope: root });
    } catch {
      return; // a host without sw.js, or a browser that forbids it: the page needs no worker
    }
    if (!first) return;
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    active.postMessage({ keep: [location.href.replace(/#.*$/, ""), ...loaded] });
  });
})();
