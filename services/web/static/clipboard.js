// Copying, also where the page came over plain HTTP and the browser has no clipboard for it.

import { byId, h } from "./dom.js";
import { t } from "./strings.js";

/** Copy a text and say so. */
export async function copy(text, host = document.body) {
  if (!text) {
    say(t("detail.nothing_to_copy"));
    return;
  }
  const done = await written(text, host);
  const short = text.length > 80 ? `${text.slice(0, 80)} …` : text;
  say(done ? t("detail.copied", { text: short }) : t("detail.not_copied"));
}

async function written(text, host) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByHand(text, host);
  }
}

function copiedByHand(text, host) {
  const before = document.activeElement;
  const field = h("textarea", { class: "hidden", readonly: true, "aria-hidden": "true" });
  field.value = text;
  host.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}

let timer = 0;

/** Say something for a moment; a dialog that is open says it itself, being above all else. */
export function say(text) {
  const open = [...document.querySelectorAll("dialog[open]")].at(-1);
  const toast = byId("toast");
  (open ?? document.body).append(toast);
  toast.textContent = text;
  toast.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => toast.classList.remove("shown"), 4000);
}
