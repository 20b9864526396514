// Pictures that are dropped on the page, pasted into it, or chosen.

import { asProblem } from "./api.js";
import { byId } from "./dom.js";
import { pictureIn, taken } from "./pictures.js";
import { say } from "./toast.js";

/** Open the choice of a file. */
export const choose = () => byId("file").click();

/** `got(id)` is called with a picture that is ready; of what is none it is said so. */
export function listen(got) {
  const receive = (file) => file && taken(file).then(got, refused);
  byId("choose").addEventListener("click", choose);
  byId("file").addEventListener("change", ({ target }) => {
    receive(target.files[0]);
    target.value = "";
  });
  addEventListener("paste", ({ clipboardData }) => receive(pictureIn(clipboardData)));
  dropping(receive);
}

/** What is on the page stays: nothing was searched for yet. */
function refused(error) {
  const { detail, remedy } = asProblem(error);
  say(`${detail} ${remedy}`);
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
    receive(pictureIn(event.dataTransfer) ?? event.dataTransfer.files[0]);
  });
}
