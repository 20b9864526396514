// What is said for a moment, over whatever is shown.

import { byId } from "./dom.js";

const SHORTEST = 4000; // Milliseconds; a longer text stays as long as reading it takes.
const LETTER = 80;

let timer = 0;

/** Say something; a dialog that is open says it itself, being above all else. */
export function say(text) {
  const open = [...document.querySelectorAll("dialog[open]")].at(-1);
  const toast = byId("toast");
  (open ?? document.body).append(toast);
  toast.textContent = text;
  toast.classList.add("shown");
  clearTimeout(timer);
  const shown = Math.max(SHORTEST, LETTER * text.length);
  timer = setTimeout(() => toast.classList.remove("shown"), shown);
}
