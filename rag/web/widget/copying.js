// An answer as plain text, and the way to the clipboard.

/** The answer with its notice, sources and disclaimer, as it can be pasted anywhere. */
function asText(body, view) {
  const { say } = view;
  const sources = body.citations.map((citation) => {
    const day = citation.reviewed || citation.published;
    const known = [citation.title, (citation.authors || []).join(", "), citation.publisher,
      day && say(citation.reviewed ? "reviewed" : "published", { date: longDate(day, say) })];
    return `[${citation.number}] ${known.filter(Boolean).join(". ")}\n${deepLink(view.endpoint, citation) || ""}`;
  });
  const notice = body.safety?.notice === body.text ? null : body.safety?.notice;
  const listed = sources.length && `${say("sources")}\n${sources.join("\n")}`;
  return [notice, body.text, listed, body.disclaimer.text].filter(Boolean).join("\n\n");
}

/** Whether the text is in the clipboard now. Pages without TLS have the old way only. */
async function toClipboard(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea.unseen", { "aria-hidden": "true", tabindex: -1 });
    area.value = text;
    root.append(area);
    const before = root.activeElement;
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    before?.focus();
    return done;
  }
}
