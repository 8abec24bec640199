// Citations: the numbered buttons, what each opens, and the list of sources.

/** What is known of an article, in one line. */
function aboutArticle(citation, say) {
  const dated = (key, iso) => iso && say(key, { date: longDate(iso, say) });
  const facts = [
    el("bdi", null, (citation.authors || []).join(", ")),
    el("bdi", null, citation.publisher || ""),
    dated("published", citation.published),
    dated("reviewed", citation.reviewed),
  ].filter((fact) => fact && (fact.textContent ?? fact));
  const overdue = citation.overdue && citation.next_review && dated("overdue", citation.next_review);
  return el("p.about", null, [...facts, overdue && el("b.overdue", null, overdue)].filter(Boolean)
    .flatMap((fact) => [el("span", null, fact), " "]));
}

/** A numbered button that opens the source below its statement, and closes it again. */
function marker(citation, view, place) {
  const { say } = view;
  const id = `source-${view.next()}`;
  let panel = null;
  const close = () => {
    if (!panel) return false;
    panel.remove();
    panel = null;
    mark.setAttribute("aria-expanded", "false");
    mark.removeAttribute("aria-controls");
    return true;
  };
  const open = () => {
    view.close?.();
    view.close = close;
    panel = sourcePanel(citation, view, () => close() && (mark.focus(), true));
    panel.id = id;
    place.after(panel);
    mark.setAttribute("aria-expanded", "true");
    mark.setAttribute("aria-controls", id);
  };
  const mark = el("button.mark", {
    type: "button",
    "aria-expanded": "false",
    "aria-label": say("source", { n: citation.number }),
    click: () => (panel ? close() : open()),
    keydown: onEscape(close),
  }, citation.number);
  return mark;
}

function sourcePanel(citation, view, close) {
  const { say, endpoint } = view;
  const link = deepLink(endpoint, citation);
  const heading = say("source", { n: citation.number });
  return el("div.source", {
    role: "group",
    "aria-label": heading,
    lang: say.locale,
    keydown: onEscape(close),
  },
    el("p.title", { lang: DATA.quoted, dir: "auto" }, citation.title),
    aboutArticle(citation, say),
    el("blockquote", { lang: DATA.quoted, dir: "auto", cite: link }, citation.quote),
    el("p.actions", null, link && outward(link, say("read"), say), button(say("close"), close)));
}

/** The articles that were quoted, each once, with the numbers of its quotes. */
function sourceList(citations, view) {
  const { say, endpoint } = view;
  const articles = new Map();
  for (const citation of citations) {
    const key = `${citation.article_id}@${citation.article_version}`;
    articles.set(key, [...(articles.get(key) || []), citation]);
  }
  return el("div.sources", { "aria-live": "off" },
    el("h4", null, say("sources")),
    el("ul", { role: "list" }, [...articles.values()].map((quotes) => {
      const link = deepLink(endpoint, quotes[0]);
      const title = el("span", { lang: DATA.quoted, dir: "auto" }, quotes[0].title);
      return el("li", null,
        el("span.numbers", null, quotes.map((quote) => quote.number).join(", ")),
        el("div", null, el("p.title", null, link ? outward(link, title, say) : title),
          aboutArticle(quotes[0], say)));
    })));
}
