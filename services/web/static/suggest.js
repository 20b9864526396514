// Suggestions while typing: names and words of the archive, and the fields of the query language.

import { address, ask } from "./api.js";
import { byId, fill, h, paused } from "./dom.js";
import { fieldName, table, t } from "./strings.js";

const WAIT = 120; // Milliseconds after a key.
const MOST_CLAUSES = 4;

/** The combobox of the search box; `go(query)` is called when a suggestion is taken. */
export class Suggestions {
  #input = byId("q");
  #list = byId("suggestions");
  #found = [];
  #chosen = -1;
  #asked = null;
  #look;

  constructor({ archive, go }) {
    this.archive = archive;
    this.go = go;
    this.#look = paused(WAIT, () => this.#ask());
    this.#input.addEventListener("input", () => this.#look());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("blur", () => this.close());
    // Not the click: the box would have lost the focus, and the list would be gone.
    this.#list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.#take(Number(option.dataset.at));
    });
  }

  /** Show nothing, and forget what was asked. */
  close() {
    this.#look.cancel();
    this.#asked?.abort();
    this.#show([]);
  }

  async #ask() {
    const typed = this.#input.value.slice(0, this.#input.selectionStart ?? undefined);
    const rest = this.#input.value.slice(typed.length);
    this.#asked?.abort();
    this.#asked = new AbortController();
    const { signal } = this.#asked;
    const clauses = clausesFor(typed);
    if (typed.trim().length < 2) return this.#show(clauses);
    try {
      const path = address("suggestions", { q: typed, archive: this.archive(), limit: 7 });
      const { completions } = await ask(path, { signal });
      const names = completions
        .filter((each) => each.query !== typed)
        .map((each) => ({ ...each, query: each.query + rest, note: noteOf(each) }));
      if (!signal.aborted) this.#show([...names, ...clauses]);
    } catch {
      // A search tells what is wrong; while typing nothing is to be told.
      if (!signal.aborted) this.#show(clauses);
    }
  }

  #show(found) {
    this.#found = found;
    this.#chosen = -1;
    fill(
      this.#list,
      found.map((each, at) =>
        h(
          "li",
          { role: "option", id: `suggestion-${at}`, "aria-selected": "false", data: { at } },
          h("span", { class: "what" }, each.text),
          h("span", { class: "note" }, each.note),
        ),
      ),
    );
    this.#input.setAttribute("aria-expanded", String(found.length > 0));
    this.#input.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape" && this.#found.length) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && this.#found.length) {
      event.preventDefault();
      this.#choose(event.key === "ArrowDown" ? 1 : -1);
    } else if ((event.key === "Enter" || event.key === "Tab") && this.#chosen >= 0) {
      event.preventDefault();
      this.#take(this.#chosen);
    }
  }

  #choose(step) {
    const count = this.#found.length;
    const next = this.#chosen + step;
    this.#chosen = next < -1 ? count - 1 : next >= count ? -1 : next;
    [...this.#list.children].forEach((option, at) =>
      option.setAttribute("aria-selected", String(at === this.#chosen)),
    );
    if (this.#chosen < 0) this.#input.removeAttribute("aria-activedescendant");
    else {
      this.#input.setAttribute("aria-activedescendant", `suggestion-${this.#chosen}`);
      this.#list.children[this.#chosen].scrollIntoView({ block: "nearest" });
    }
  }

  #take(at) {
    const { query, unfinished } = this.#found[at];
    this.#input.value = query;
    this.close();
    this.#input.focus();
    if (unfinished) this.#look();
    else this.go(query);
  }
}

const noteOf = ({ field, count }) =>
  [field ? fieldName(field).toLowerCase() : "", t("search.documents", { count })]
    .filter(Boolean)
    .join(" · ");

/** Fields whose names begin as the last word does. */
function clausesFor(typed) {
  const found = /(^|[\s(])(-?)(\p{L}{2,})$/u.exec(typed);
  if (!found) return [];
  const [, , , beginning] = found;
  return Object.entries(table("clauses"))
    .filter(([name]) => name.startsWith(beginning.toLowerCase()))
    .slice(0, MOST_CLAUSES)
    .map(([name, note]) => ({
      text: name,
      note,
      unfinished: true,
      query: typed.slice(0, typed.length - beginning.length) + name,
    }));
}
