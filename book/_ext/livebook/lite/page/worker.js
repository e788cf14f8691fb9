// A worker from a file of its own would be free of the page's policy; one from a blob has it.
const Plain = Worker;
self.Worker = class extends Plain {
  constructor(url, options) {
    const code = `importScripts(${JSON.stringify(new URL(url, location.href).href)})`;
    super(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), options);
  }
};
