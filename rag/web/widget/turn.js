// One question and what came of it.

/** One turn of the conversation; `element` is what is shown of it. */
class Turn {
  constructor(message, view) {
    this.message = message;
    this.view = view;
    this.body = null;
    this.safety = null;
    this.disclaimer = DATA.short[view.say.locale];
    this.statements = [];
    this.citations = new Map();
    this.heading = el("h3.asked", { tabindex: -1 }, el("span", null, view.say("asked")), " ", el("bdi", null, message));
    this.cards = el("div");
    this.answer = el("div");
    this.end = el("div");
    this.waiting = el("div.waiting", null, el("p", null, view.say("searching")), el("i"), el("i"), el("i"));
    this.element = el("article.turn", { "aria-busy": "true" }, this.heading, this.cards, this.waiting, this.answer, this.end);
  }

  /** What the assistant said, for the history; also of an answer that broke off. */
  said() {
    return this.body ? this.body.text : this.statements.join(" ");
  }

  /** The first event of a stream: the gate's verdict, before anything is searched. */
  open({ safety, disclaimer }) {
    if (this.safety) return;
    this.safety = safety || null;
    this.disclaimer = disclaimer?.text ? disclaimer : this.disclaimer;
    const card = safetyCard(safety, this.view.say, this.disclaimer.locale);
    if (card) this.cards.append(card);
  }

  statement({ text, citations, new_citations: fresh = [] }) {
    for (const citation of fresh) this.citations.set(citation.number, citation);
    const cited = citations.map((number) => this.citations.get(number)).filter(Boolean);
    this.waiting.remove();
    this.statements.push(text);
    this.answer.append(statementLine(text, cited, this.view));
  }

  /** The whole answer; only what has not been shown yet is added. */
  done(body) {
    const { view } = this;
    this.open(body);
    this.body = body;
    this.waiting.remove();
    const lead = leadOf(body);
    const carded = body.outcome === "emergency" || body.outcome === "crisis";
    if (lead && !carded) this.answer.prepend(el("p.lead", { dir: "auto", lang: body.disclaimer.locale }, lead));
    body.statements.slice(this.statements.length).forEach((statement) => {
      this.statement({ ...statement, new_citations: body.citations });
    });
    if (body.outcome === "abstained" && /article|evidence/.test(body.reason)) this.answer.append(el("p.hint", null, view.say("reword")));
    if (body.citations.length) this.end.append(sourceList(body.citations, view));
    this.end.append(...[suggestionList(body, view)].filter(Boolean));
    this.close([button(view.say("copy"), () => this.copy()), button(view.say("again"), () => view.retry(this))]);
  }

  /** What is left of a question that was not answered in full, and what to do now. */
  fail(failure) {
    const { view } = this;
    const { safety, disclaimer } = failure.problem || {};
    this.waiting.remove();
    if (safety) this.open({ safety, disclaimer });
    // Without a verdict nobody has looked whether help is needed now.
    if (!this.safety?.notice && !(this.safety && failure.kind === "stopped")) {
      this.cards.append(standingCard(view.say));
    }
    const partial = this.statements.length > 0 && failure.kind !== "stopped";
    const text = view.say(partial ? "broken" : failure.kind, { max: view.limits.message });
    const long = failure.kind === "long";
    const retry = button(view.say("retry"), () => view.retry(this), "again");
    this.answer.append(el("div.problem", null, el("p", null, text), failure.wait ? this.countdown(failure.wait, retry) : null, !long && retry));
    if (this.citations.size) this.end.append(sourceList([...this.citations.values()], view));
    this.close([]);
  }

  close(actions) {
    this.element.removeAttribute("aria-busy");
    this.end.append(disclaimerLine(this.disclaimer), el("p.tools", { "aria-live": "off" }, actions));
  }

  countdown(wait, retry) {
    const { say } = this.view;
    const told = el("p.wait", { "aria-live": "off" }, say("wait", { n: wait }));
    const end = Date.now() + wait * 1000;
    retry.disabled = true;
    const tick = setInterval(() => {
      const left = Math.ceil((end - Date.now()) / 1000);
      told.textContent = left > 0 ? say("wait", { n: left }) : say("now");
      if (left > 0 && told.isConnected) return;
      clearInterval(tick);
      retry.disabled = false;
      if (told.isConnected) this.view.tell(say("now"));
    }, 1000);
    return told;
  }

  async copy() {
    const { say, root, tell } = this.view;
    const done = await toClipboard(asText(this.body, this.view), root);
    tell(say(done ? "copied" : "uncopied"), true);
  }
}
