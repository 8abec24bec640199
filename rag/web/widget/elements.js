// Elements, made without any markup: text is always text, whatever it holds.

/** `el("p.lead", {lang: "en"}, "text", child)`; a function among the attributes listens. */
function el(name, attributes, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") node.addEventListener(key, value);
    else if (value || value === 0) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter((child) => child || child === 0));
  return node;
}

function button(label, listen, style = "quiet") {
  return el(`button.${style}`, { type: "button", click: listen }, label);
}

/** A listener for Escape; where `act` returns something, nobody else hears of the key. */
function onEscape(act) {
  return (event) => {
    if (event.key !== "Escape" || !act()) return;
    event.preventDefault();
    event.stopPropagation();
  };
}

/** A sheet of style that a strict Content-Security-Policy allows, where the browser has them. */
function dress(root) {
  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } else {
    root.append(el("style", null, STYLE));
  }
}

/** The words of a language with {n} and the like filled in. */
function wording(locale) {
  const texts = DATA.texts[locale];
  return (key, values = {}) =>
    texts[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
