// Where the service asks for a key, the page asks the reader, once: a cookie then holds it.

import { byId } from "./dom.js";
import { t } from "./strings.js";

let asking = null;

/** Ask until a key opens the archive; all who wait for it wait for the same dialog. */
export function askForKey() {
  asking ??= asked().finally(() => (asking = null));
  return asking;
}

function asked() {
  const dialog = byId("key-dialog");
  const wrong = byId("key-wrong");
  wrong.textContent = "";
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  if (!dialog.open) dialog.showModal();
  return new Promise((done) => {
    byId("key-form").onsubmit = async (event) => {
      event.preventDefault();
      wrong.textContent = "";
      const message = await refused(byId("key").value.trim());
      wrong.textContent = message;
      if (message) return byId("key").select();
      byId("key").value = "";
      dialog.close();
      return done();
    };
  });
}

/** Why the key was not taken; empty where it was. */
async function refused(key) {
  try {
    const response = await fetch("/v1/session", { method: "POST", headers: { "x-api-key": key } });
    if (response.ok) return "";
    return response.status === 401 ? t("key.wrong") : (await response.json()).detail;
  } catch {
    return t("error.offline");
  }
}
