// The element becomes known, and where the page has none the script tag makes one.

const TAG = "wellcited-chat";
const SCRIPT = document.currentScript;
// The folder the script came from: the service may be mounted below a path.
const HOME = new URL(".", SCRIPT?.src || location.href).href;

function endpointOf(given) {
  try {
    return new URL(given ? `${given.replace(/\/+$/, "")}/` : HOME, location.href).href;
  } catch {
    return HOME;
  }
}

function place() {
  if (!SCRIPT || SCRIPT.dataset.mode === "none" || document.querySelector(TAG)) return;
  const chat = document.createElement(TAG);
  for (const name of WellcitedChat.observedAttributes) {
    if (SCRIPT.dataset[name]) chat.setAttribute(name, SCRIPT.dataset[name]);
  }
  if (document.body.contains(SCRIPT)) SCRIPT.after(chat);
  else document.body.append(chat);
}

if (!customElements.get(TAG)) {
  customElements.define(TAG, WellcitedChat);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place);
  else place();
}
