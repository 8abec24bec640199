// The page works without this; it only says that an answer is on its way.
"use strict";

const progress = document.getElementById("progress");
const buttons = () => document.querySelectorAll("form button");

document.addEventListener("submit", () => {
  progress.textContent = "Looking through the articles…";
  // After the form has been read: a disabled button would not send its value.
  setTimeout(() => buttons().forEach((button) => { button.disabled = true; }), 0);
});

// A page brought back by the Back button is as it was left.
window.addEventListener("pageshow", () => {
  progress.textContent = "";
  buttons().forEach((button) => { button.disabled = false; });
});
