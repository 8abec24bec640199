// <wellcited-chat>: the conversation, and all around it.

// At this width a panel would leave nothing of the page: it fills it instead.
const PHONE = "(max-width: 30rem)";
const RIGHT_TO_LEFT = /^(ar|arc|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/;

class WellcitedChat extends HTMLElement {
  static observedAttributes = ["endpoint", "locale", "country", "theme", "title", "mode"];

  constructor() {
    super();
    dress(this.attachShadow({ mode: "open" }));
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.shade = () => this.shadowRoot.lastElementChild?.classList.toggle("dark", this.isDark());
  }

  connectedCallback() {
    this.dark.addEventListener("change", this.shade);
    this.build();
  }

  disconnectedCallback() {
    this.dark.removeEventListener("change", this.shade);
    this.stop();
  }

  attributeChangedCallback(name, before, now) {
    // An element of the page's own is told of its attributes before there is anything to change.
    if (!this.isConnected || !this.body || before === now) return;
    if (name === "theme") this.shade();
    else if (name === "title") this.heading.textContent = this.named();
    else this.build();
  }

  /** Everything anew; what was asked before is gone. */
  build() {
    this.stop();
    this.turns = [];
    this.limits = { ...DATA.limits };
    const page = this.closest("[lang]")?.lang;
    const tag = this.getAttribute("locale") || page;
    const locale = chooseLocale([...(tag ? [tag] : navigator.languages), DATA.locale]);
    const country = chooseCountry(this.getAttribute("country"));
    this.say = Object.assign(wording(locale), { locale, country });
    this.endpoint = endpointOf(this.getAttribute("endpoint"));
    this.shadowRoot.querySelector(".wellcited")?.remove();
    this.shadowRoot.append(this.frame());
    // Else the browser would show the element's own title as a tip everywhere.
    this.shadowRoot.lastElementChild.title = "";
    this.shade();
    this.view = this.viewOfTurns();
    if (!this.isLauncher()) this.greet();
  }

  isLauncher() {
    return this.getAttribute("mode") === "launcher";
  }

  named() {
    return this.getAttribute("title") || this.say("title");
  }

  isDark() {
    const theme = this.getAttribute("theme");
    if (theme === "dark" || theme === "light") return theme === "dark";
    const declared = `${getComputedStyle(this).colorScheme} ${document.querySelector("meta[name=color-scheme]")?.content}`;
    return this.dark.matches && (theme === "auto" || declared.includes("dark"));
  }

  /** What turns need of the widget. */
  viewOfTurns() {
    let ids = 0;
    return {
      say: this.say,
      endpoint: this.endpoint,
      limits: this.limits,
      root: this.shadowRoot,
      next: () => ++ids,
      tell: (text, visibly) => this.tell(text, visibly),
      ask: (message) => this.ask(message),
      retry: (turn) => this.retry(turn),
    };
  }

  frame() {
    const { say } = this;
    this.heading = el("h2", { id: "title" }, this.named());
    this.clearing = button(say("clear"), () => this.clear());
    this.clearing.hidden = true;
    this.log = el("div.log", { role: "log", "aria-label": say("conversation") });
    this.about = el("div.disclosure");
    this.state = el("div");
    this.examples = el("div.examples");
    this.status = el("p.status", { role: "status" });
    this.form = askForm(say, this.limits, {
      ask: (message) => this.ask(message),
      stop: () => this.stop(),
      tell: (text) => this.tell(text),
    });
    const closing = this.isLauncher() && button(say("close"), () => this.panel.close());
    this.body = el("div.body", null, this.log, this.about, this.state, this.form.element, this.examples, this.status);
    this.disclose(DATA.disclosures[say.locale], DATA.full[say.locale]);
    const whole = [el("div.head", null, this.heading, el("div", null, this.clearing, closing)), this.body];
    const root = { lang: say.locale, dir: this.getAttribute("dir") || (RIGHT_TO_LEFT.test(say.locale) ? "rtl" : "ltr") };
    if (!this.isLauncher()) return el("div.wellcited", root, el("section.sheet", { "aria-labelledby": "title" }, whole));
    this.panel = el("dialog.sheet.panel", { "aria-labelledby": "title", keydown: onEscape(() => (this.panel.close(), true)), close: () => this.launch.focus() }, whole);
    this.launch = el("button.launch", { type: "button", "aria-haspopup": "dialog", click: () => this.show() }, say("open"));
    return el("div.wellcited.floating", root, this.launch, this.panel);
  }

  show() {
    if (this.panel.open) return this.panel.close();
    if (matchMedia(PHONE).matches) this.panel.showModal();
    else this.panel.show();
    this.form.focus();
    if (!this.greeted) this.greet();
  }

  /** What this is and is not, before the first question. */
  disclose(disclosure, full) {
    const open = this.about.querySelector("details")?.open;
    this.about.replaceChildren(
      el("p", null, disclosure),
      el("details", { open }, el("summary", null, this.say("about")),
        el("div", { lang: full.locale }, paragraphs(full.text), el("p", { lang: this.say.locale }, this.say("stored")))));
  }

  /** Ask the server what it is, or say that it cannot be reached. */
  async greet() {
    const { endpoint, say, view } = this;
    this.greeted = true;
    const [config, listed] = await Promise.all([
      look(endpoint, `v1/config?locale=${say.locale}`), look(endpoint, "v1/articles?limit=3")]);
    if (view !== this.view) return;
    if (config?.disclosure && config.disclaimer?.text) {
      Object.assign(this.limits, config.limits);
      this.disclose(config.disclosure, config.disclaimer);
      this.form.limit();
      this.state.replaceChildren();
    } else {
      const text = say(navigator.onLine ? "unreachable" : "offline");
      this.state.replaceChildren(standingCard(say),
        el("div.problem", { role: "alert" }, el("p", null, text), button(say("retry"), () => this.greet(), "again")));
    }
    const titles = (listed?.articles || []).map((article) => article.title).filter(Boolean);
    this.examples.replaceChildren(...(titles.length && !this.turns.length ? [el("h3", null, say("examples")), el("ul", { role: "list" }, titles.map((title) =>
      el("li", null, button(el("span", { lang: DATA.quoted, dir: "auto" }, title), () => this.ask(title), "topic"))))] : []));
  }

  /** Ask a question. One that is still being answered gives way: the new one may be more urgent. */
  ask(message) {
    this.stop();
    const turn = new Turn(message, this.view);
    this.examples.replaceChildren();
    this.state.replaceChildren();
    this.clearing.hidden = false;
    const sent = earlier(this.turns, message, this.limits);
    this.turns.push(turn);
    this.log.append(turn.element);
    this.look(turn);
    this.answer(turn, sent);
  }

  async answer(turn, history) {
    const stopping = (this.asking = new AbortController());
    const { say } = this;
    this.form.busy(true);
    this.tell(say("searching"));
    const long = lengthOf(turn.message) > this.limits.message;
    try {
      await ask(this.endpoint, this.asked(turn.message, history), stopping.signal, {
        open: shown((event) => turn.open(event)),
        statement: shown((event) => turn.statement(event)),
        done: shown((body) => turn.done(body)),
      });
      const found = turn.body.citations.length;
      this.tell(found ? say("done", { n: found }) : "");
    } catch (failure) {
      // One that is too long was sent all the same, so that the safety gate could read it.
      if (long && failure.kind === "invalid") failure.kind = "long";
      turn.fail(failure);
      this.tell("");
      if (failure.kind === "long") this.form.refill(turn.message);
    } finally {
      if (this.asking === stopping) {
        this.asking = null;
        this.form.busy(false);
      }
    }
  }

  asked(message, history) {
    const country = this.getAttribute("country");
    return { message, history, locale: this.say.locale, ...(/^[a-z]{2}$/i.test(country) ? { country } : {}) };
  }

  retry(turn) {
    this.turns = this.turns.filter((other) => other !== turn);
    turn.element.remove();
    this.ask(turn.message);
  }

  stop() {
    this.asking?.abort();
  }

  clear() {
    this.stop();
    this.asking = null;
    this.turns = [];
    this.log.replaceChildren();
    this.clearing.hidden = true;
    this.form.busy(false);
    this.tell(this.say("cleared"));
    this.form.focus();
    this.greet();
  }

  /** Bring a question to the top of what is seen, and let reading start there. */
  look(turn) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    turn.heading.focus({ preventScroll: true });
    turn.element.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }

  /** Say something to those who hear the page, and with `visibly` to those who see it. */
  tell(text, visibly = false) {
    this.status.classList.toggle("unseen", !visibly);
    this.status.textContent = text;
  }
}
