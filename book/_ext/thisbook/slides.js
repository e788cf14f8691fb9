// Keys turn the slides; presenters' remote controls send PageUp and PageDown.
const slides = [...document.querySelectorAll("section")];
const steps = {
  ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, Enter: 1,
  ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Backspace: -1,
  Home: -Infinity, End: Infinity,
};

function current() {
  const tops = slides.map((slide) => Math.abs(slide.getBoundingClientRect().top));
  return tops.indexOf(Math.min(...tops));
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) {
    return;
  }
  if (event.key in steps) {
    event.preventDefault();
    const next = Math.min(Math.max(current() + steps[event.key], 0), slides.length - 1);
    slides[next].scrollIntoView();
    history.replaceState(null, "", `#${slides[next].id}`);
  } else if (event.key === "n" || event.key === "N") {
    document.body.classList.toggle("notes");
  } else if (event.key === "p" || event.key === "P") {
    print();
  }
});
