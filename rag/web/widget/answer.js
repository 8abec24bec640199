// The parts of an answer below its safety card.

// What ends a sentence; a marker in the answer's text stands before it.
const FINAL = /[\s.!?…。！？"'”’»)\]]+$/;

// A longer one may need to be broken itself.
const LAST_WORD = / \S{1,12}$/;

/** What an answer says before its statements: all of it where there are none. */
function leadOf(body) {
  const first = body.statements[0];
  return (first ? body.text.split(first.text.replace(FINAL, ""))[0] : body.text).trim();
}

/** A statement and its markers, which keep to its last word so that none begins a line. */
function statementLine(text, citations, view) {
  const cut = text.length - (LAST_WORD.exec(text)?.[0].length || 1) + 1;
  const line = el("p.statement", { lang: DATA.quoted, dir: "auto" }, text.slice(0, cut));
  const marks = citations.map((citation) => marker(citation, view, line));
  line.append(el("span.last", null, text.slice(cut), el("span", { lang: view.say.locale }, marks)));
  return line;
}

/** Articles to read and questions to ask instead, or beside. */
function suggestionList(body, view) {
  const { say, endpoint } = view;
  const entries = body.suggestions.map(({ kind, text, article_id: id, url }) => {
    const link = kind === "article" && (safe(url) || (id && articlePage(endpoint, id)));
    const shown = el("span", { lang: DATA.quoted, dir: "auto" }, text);
    return el("li", null, link ? outward(link, shown, say) : button(shown, () => view.ask(text), "topic"));
  });
  return entries.length > 0 && el("div.suggestions", { "aria-live": "off" },
    el("h4", null, say(body.citations.length || body.safety?.notice ? "next" : "related")), el("ul", { role: "list" }, entries));
}

function disclaimerLine(disclaimer) {
  return el("p.disclaimer", { lang: disclaimer.locale, "aria-live": "off" }, disclaimer.text);
}
