// Copying, also where the page came over plain HTTP and the browser has no clipboard for it.

import { h } from "./dom.js";
import { t } from "./strings.js";
import { say } from "./toast.js";

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
