// JupyterLab takes a relative link for a file in its list; the book's pages are not in it.
const files = new URL("../files/", location.href).href;
const lead = ({ target }) => {
  const link = target.closest?.(".jp-RenderedMarkdown a");
  if (!link?.href.startsWith(files)) return;
  link.href = new URL("../../", location.href).href + link.href.slice(files.length);
  link.target = "_blank";
  delete link.dataset.commandlinkerCommand;
};
for (const kind of ["pointerover", "focusin", "click"]) addEventListener(kind, lead, true);
