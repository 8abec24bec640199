// Whom to call: the card of an emergency, a notice, and what stands where no answer came.

function contactList(contacts) {
  return el("ul.contacts", { role: "list" }, contacts.map((contact) => {
    const address = safe(contact.href, CALLS);
    const beside = address && /^http/i.test(address) && { target: "_blank", rel: "noopener nofollow" };
    return el("li", null, el(address ? "a.call" : "span.call", { href: address, ...beside },
      el("span.label", null, contact.label, contact.hours && el("small", null, contact.hours)),
      el("strong.number", null, contact.number)));
  }));
}

const paragraphs = (text) => text.split("\n").filter((line) => line.trim()).map((line) => el("p", { dir: "auto" }, line));

/** The gate's verdict as a card or a notice; null where it has nothing to say. */
function safetyCard(safety, say, lang) {
  if (!safety?.notice) return null;
  const grave = safety.level === "emergency" || safety.level === "crisis";
  const heading = el("h4", { lang: say.locale }, say(grave ? "alarm" : "notice"));
  return el(`div.card.${grave ? "grave" : safety.level === "urgent" ? "urgent" : "mild"}`,
    { role: grave ? "alert" : "note", lang },
    heading, paragraphs(safety.notice), contactList(safety.contacts || []));
}

/** Whom to call in any case, from the widget's own list: no server has to answer for it. */
function standingCard(say) {
  return el("div.card.standing", { role: "note", lang: say.locale }, ["emergency", "crisis"].map((kind) => [
    el("p", null, el("strong", null, say(kind))),
    contactList(standing(kind, say.country, say.locale)),
  ]));
}
