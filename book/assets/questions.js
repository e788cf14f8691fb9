// A number that a reader typed gets its reply: the first whose number is close enough.
function parse(text) {
  const [above, below = "1", ...more] = text.trim().replaceAll("−", "-").split("/").map(plain);
  return above && below && !more.length ? Number(above) / Number(below) : NaN;
}

// 1,000 and 1,234,567.8 as the book writes them; 1,5 as half of its readers do.
function plain(text) {
  const written = text.trim();
  const thousands = /^-?\s*[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(written);
  return thousands ? written.replaceAll(",", "") : written.replaceAll(",", ".");
}

function check(event) {
  event.preventDefault();
  const field = event.target.querySelector("input");
  const number = parse(field.value);
  const replies = [...event.target.nextElementSibling.children];
  const fits = (reply) =>
    !(Math.abs(Number(reply.dataset.answer) - number) > Number(event.target.dataset.within));
  const found = Number.isFinite(number) ? replies.find(fits) : undefined;
  for (const reply of replies) {
    reply.hidden = reply !== found;
  }
  field.setCustomValidity(found ? "" : "Type a number, such as 14, −0.5 or 3/8.");
  field.reportValidity();
}

for (const form of document.querySelectorAll("form.question-number")) {
  form.addEventListener("submit", check);
  form.addEventListener("input", () => form.querySelector("input").setCustomValidity(""));
}
