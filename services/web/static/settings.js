// The reader's choices, kept in cookies so that the server's page comes right at once.

import { byId } from "./dom.js";

const YEAR = 365 * 24 * 3600;

/** Open with a button; `changed(name)` is called when the size of pictures changes. */
export function listen(changed) {
  const dialog = byId("settings");
  byId("open-settings").addEventListener("click", () => dialog.showModal());
  closesOutside(dialog);
  dialog.addEventListener("change", ({ target }) => {
    keep(target.name, target.value);
    if (target.name === "language") location.reload();
    else document.documentElement.dataset[target.name] = target.value;
    changed(target.name);
  });
}

/** Keep a choice for a year. */
export function keep(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=strict`;
}

/** What was kept under a name. */
export const kept = (name) => new RegExp(`(?:^|; )${name}=([^;]*)`).exec(document.cookie)?.[1];

/** A click beside a dialog closes it. */
export function closesOutside(dialog) {
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
