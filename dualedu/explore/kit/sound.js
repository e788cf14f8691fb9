/* A slope as a pitch, off until a reader asks for it: 330 Hz where a curve is flat, an octave higher
   for every two units that it climbs, lower where it falls. A picture tells its slope itself, so this
   serves widgets with Python and without. */

const FLAT = 330;       // hertz
const OCTAVE = 2;       // units of slope
const MOST = 4;         // steeper slopes sound as this one
const LOUD = 0.12;
const LONG = 0.25;      // seconds after the last change

const SLOPE = "svg[data-slope]";
const NAME = "Slope as sound";

let on = false;
let voice = null;

/** The pitch of a slope, in hertz. */
export function pitch(slope) {
  return FLAT * 2 ** (Math.max(-MOST, Math.min(MOST, slope)) / OCTAVE);
}

function begin() {
  const context = new AudioContext();
  const oscillator = new OscillatorNode(context, { type: "triangle" });
  const gain = new GainNode(context, { gain: 0 });
  oscillator.connect(gain).connect(context.destination);
  oscillator.start();
  return { context, oscillator, gain };
}

function play(slope) {
  voice ??= begin();
  const { context, oscillator, gain } = voice;
  context.resume();     // browsers let a page sound only after a touch
  const now = context.currentTime;
  oscillator.frequency.setTargetAtTime(pitch(slope), now, 0.01);
  gain.gain.cancelScheduledValues(now);
  gain.gain.setTargetAtTime(LOUD, now, 0.01);
  gain.gain.setTargetAtTime(0, now + LONG, 0.05);
}

function turn() {
  on = !on;
  for (const button of document.querySelectorAll(".explore-sound")) {
    button.setAttribute("aria-pressed", String(on));
  }
}

/** The slope that a widget shows, if it shows one. */
function shown(widget) {
  const slope = widget.querySelector(SLOPE)?.dataset.slope;
  return slope === undefined ? null : Number(slope);
}

function makeButton(widget) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "explore-sound";
  button.textContent = NAME;
  button.title = "A higher tone for a steeper slope; 330 Hz where it is 0";
  button.setAttribute("aria-pressed", String(on));
  button.addEventListener("click", (event) => {
    event.stopPropagation();      // it is no control of the widget
    turn();
    if (on) play(shown(widget));
  });
  return button;
}

/* A new picture is a new slope; a live widget comes in place of its stand-in. */
function look() {
  for (const words of document.querySelectorAll(".dualedu-explore .explore-words")) {
    const widget = words.closest(".dualedu-explore");
    if (shown(widget) !== null && !widget.querySelector(".explore-sound")) words.after(makeButton(widget));
  }
}

if (window.AudioContext) {
  look();
  new MutationObserver((changes) => {
    look();
    if (!on) return;
    const drawn = changes.find(({ target }) => target.matches(".explore-picture"));
    const slope = drawn && shown(drawn.target.closest(".dualedu-explore"));
    if (slope !== null && slope !== undefined) play(slope);
  }).observe(document.body, { subtree: true, childList: true });
}
