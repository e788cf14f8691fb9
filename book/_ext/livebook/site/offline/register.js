/* Lets sw.js keep the pages that a reader visits. Only https and this machine allow that. */
(() => {
  const { serviceWorker } = navigator;
  if (!serviceWorker || !location.protocol.startsWith("http")) return;
  const root = new URL("../", document.currentScript.src).href;

  // A worker that takes over, the first or the next one, has not seen this page being loaded.
  serviceWorker.addEventListener("controllerchange", () => {
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    const keep = [location.href.replace(/#.*$/, ""), ...loaded];
    serviceWorker.controller?.postMessage({ keep });
  });

  addEventListener("load", async () => {
    try {
      const registration = await serviceWorker.register(`${root}sw.js`, { scope: root });
      // Browsers look for a new worker when they find the time; a new book should not wait for it.
      if (serviceWorker.controller) await registration.update();
    } catch {
      // No network, a host without sw.js, or a browser that forbids it: the page needs none.
    }
  });
})();
