/* Where the page's module could not be had, controls are pictures: one sentence says so, and why. */
addEventListener("load", () => {
  if (window.livePage) return;
  const settings = JSON.parse(document.getElementById("live-page").textContent);
  const reason = location.protocol === "file:"
    ? "this page was opened from a file, and browsers run such code only where a server hands it out (see START-HERE beside the book)"
    : window !== window.top
      ? "this page stands in a frame that forbids it; open it in a window of its own"
      : "its host, or this browser, does not let the page's script run";
  const say = (place, words) => {
    const said = document.createElement("p");
    said.className = "live-still";
    said.textContent = words;
    place.before(said);
  };
  document.documentElement.dataset.still = "";
  document.querySelector(".live-room")?.remove();
  const first = document.querySelector(".live-here") ?? document.querySelector("article h1, .bd-article h1");
  if (first?.nextElementSibling) say(first.nextElementSibling, `Code does not run here: ${reason}. Outputs are those that the book has stored.`);
  for (const figure of document.querySelectorAll(settings.standin ? `.${settings.standin.figure}` : ":not(*)")) {
    say(figure, `Only a picture: ${reason}.`);
    for (const control of figure.querySelectorAll("input, select, button")) control.disabled = true;
  }
});
