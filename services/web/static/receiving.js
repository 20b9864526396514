// Pictures that are dropped on the page, pasted into it, or chosen.

import { byId } from "./dom.js";
import { pictureIn, taken } from "./pictures.js";

/** Open the choice of a file. */
export const choose = () => byId("file").click();

/** `got(id)` is called with a picture that is ready, `failed(error)` where there is none. */
export function listen(got, failed) {
  const receive = (file) => file && taken(file).then(got, failed);
  byId("choose").addEventListener("click", choose);
  byId("file").addEventListener("change", ({ target }) => {
    receive(target.files[0]);
    target.value = "";
  });
  addEventListener("paste", ({ clipboardData }) => receive(pictureIn(clipboardData)));
  dropping(receive);
}

function dropping(receive) {
  const over = (yes) => byId("drop").classList.toggle("over", yes);
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    over(true);
  });
  addEventListener("dragleave", (event) => event.relatedTarget === null && over(false));
  addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    over(false);
    receive(pictureIn(event.dataTransfer));
  });
}
