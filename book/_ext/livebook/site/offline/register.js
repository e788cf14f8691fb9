/* Lets sw.js keep the pages that a reader visits. Only https and this machine allow that. */
(() => {
  const { serviceWorker } = navigator;
  if (!serviceWorker || !location.protocol.startsWith("http")) return;
  const root = new URL("../", document.currentScript.src).href;

  // A worker that takes over, the first or the next one, has not seen this page being loaded. What
  // was under way by then is listed only when it has come.
  serviceWorker.addEventListener("controllerchange", () => {
    const since = performance.now();
    const tell = (keep) => keep.length && serviceWorker.controller?.postMessage({ keep });
    tell([location.href.replace(/#.*$/, "")]);
    new PerformanceObserver((list) => {
      tell(list.getEntries().filter((entry) => entry.startTime <= since).map((entry) => entry.name));
    }).observe({ type: "resource", buffered: true });
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
