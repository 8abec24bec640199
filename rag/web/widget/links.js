// Where a link may lead, whatever the data says.

const WEB = ["https:", "http:"];
const CALLS = [...WEB, "tel:", "sms:"];

/** The address if it is absolute and of a kind that may be followed, else null. */
function safe(address, kinds = WEB) {
  try {
    return kinds.includes(new URL(address).protocol) ? address : null;
  } catch {
    return null;
  }
}

/** A link that opens beside the page; the reader is told so. */
function outward(address, text, say) {
  return el("a", { href: address, target: "_blank", rel: "noopener nofollow" }, text,
    el("span.unseen", { lang: say.locale }, ` (${say("tab")})`));
}

/** The page of an article at the endpoint, with one span of it marked where one is given. */
function articlePage(endpoint, id, span) {
  const page = `${endpoint}articles/${encodeURIComponent(id)}`;
  return safe(span ? `${page}?version=${encodeURIComponent(span.version)}&quote=${span.start}-${span.end}#quote` : page);
}

function deepLink(endpoint, citation) {
  const { article_id: id, article_version: version, start, end } = citation;
  return safe(citation.deep_link) || articlePage(endpoint, id, { version, start, end });
}
