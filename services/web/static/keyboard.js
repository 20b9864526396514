// Keys that work everywhere on the page, and the dialog that tells of them.

import { byId, takesText } from "./dom.js";
import { closesOutside, keep, kept } from "./settings.js";

const LETTERS = "letter_keys";

/** Whether single keys do something: who dictates or uses a switch can turn them off. */
export const lettersOn = () => byId("letter-keys").checked;

/** `work` maps a key to what it does. */
export function listen(work) {
  const help = byId("help");
  const letters = byId("letter-keys");
  letters.checked = kept(LETTERS) !== "off";
  letters.addEventListener("change", () => keep(LETTERS, letters.checked ? "on" : "off"));
  for (const id of ["open-help", "trial"])
    byId(id).addEventListener("click", () => help.showModal());
  closesOutside(help);
  document.addEventListener("keydown", (event) => {
    const busy = event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey;
    const letter = event.key.length === 1;
    if (busy || (letter && (takesText(event.target) || !lettersOn()))) return;
    // Arrows belong to whatever has the focus: a slider, a list.
    if (event.key.startsWith("Arrow") && event.target !== document.body) return;
    if (event.key === "?" && !help.open) {
      event.preventDefault();
      help.showModal();
    } else if (!document.querySelector("dialog[open]") && work[event.key]) {
      event.preventDefault();
      work[event.key]();
    }
  });
}
