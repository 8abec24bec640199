// Which language the widget speaks, and whom to call in the reader's country.

/** The language of the texts by lookup: zh-Hans-CN, zh-Hans, zh. */
function chooseLocale(tags) {
  for (const tag of tags) {
    const parts = (tag || "").toLowerCase().split("-");
    for (; parts.length; parts.pop()) {
      if (DATA.texts[parts.join("-")]) return parts.join("-");
    }
  }
  return "en";
}

/** A country as the server chooses it: the one named, else the reader's region, else the site's. */
function chooseCountry(named) {
  const regions = navigator.languages.map((tag) => /^[a-z]+(?:-[a-z]{4})?-([a-z]{2})\b/i.exec(tag)?.[1]);
  const country = (named || regions.find(Boolean) || DATA.country || "").toUpperCase();
  return DATA.aliases[country] || country;
}

/** Contacts of one kind for a country, else those that hold anywhere. */
function standing(kind, country, locale) {
  const known = DATA.contacts.filter((contact) => contact.kind === kind);
  const local = known.filter((contact) => contact.countries.includes(country));
  const chosen = local.length ? local : known.filter((contact) => !contact.countries.length);
  return chosen.map((contact) => ({ ...contact, label: contact.labels[locale] || contact.labels[""] }));
}

/** A date as it is written in the language and country; what is none stays as it is. */
function longDate(iso, { locale, country }) {
  const day = new Date(`${iso}T00:00:00Z`);
  if (isNaN(day)) return iso;
  return new Intl.DateTimeFormat(/^[A-Z]{2}$/.test(country) ? `${locale}-${country}` : locale, { dateStyle: "long", timeZone: "UTC" }).format(day);
}
