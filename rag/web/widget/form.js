// The box to ask from.

// The share of the limit from which on the characters left are shown.
const NEAR = 0.8;

// As the server counts: code points, not the halves that a string has.
const lengthOf = (text) => [...text].length;

/** The form; `on.ask(message)` is called with a question, `on.stop()` for the button beside it. */
function askForm(say, limits, on) {
  const area = el("textarea", { id: "message", rows: 2, "aria-describedby": "hint count", enterkeyhint: "send", dir: "auto" });
  const count = el("span.count", { id: "count" });
  const send = el("button.send", { type: "submit" }, say("send"));
  const stop = button(say("stop"), on.stop, "stop");
  stop.hidden = true;
  const problem = (text) => {
    count.textContent = text;
    count.classList.toggle("over", Boolean(text));
    if (text) area.setAttribute("aria-invalid", "true");
    else area.removeAttribute("aria-invalid");
  };
  const measured = () => {
    const left = limits.message - lengthOf(area.value);
    problem(left < 0 ? say("over", { n: -left }) : "");
    if (left >= 0 && left <= limits.message * (1 - NEAR)) count.textContent = say("left", { n: left });
  };
  const submit = () => {
    const message = area.value.trim();
    if (!message) {
      problem(say("empty"));
      on.tell(say("empty"));
      area.focus();
    } else {
      area.value = "";
      measured();
      on.ask(message);
    }
  };
  const element = el("form.ask", { novalidate: true, submit: (event) => { event.preventDefault(); submit(); } },
    el("label", { for: "message" }, say("label")), area,
    el("p.hint", { id: "hint" }, say("hint")),
    el("p.row", null, count, stop, send));
  area.addEventListener("input", measured);
  area.addEventListener("keydown", (event) => {
    // Enter also ends a word that is being composed, as in Chinese.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  return {
    element,
    focus: () => area.focus(),
    busy(is) {
      const lost = element.getRootNode().activeElement === stop;
      send.hidden = is;
      stop.hidden = !is;
      if (lost) area.focus();
    },
    refill(text) {
      area.value = text;
      measured();
    },
    limit: measured,
  };
}
