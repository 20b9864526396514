// The bar, the choices above the grid, and the filters' drawer.

import { ask } from "./api.js";
import { conditionCount } from "./chips.js";
import { byId, fill, h } from "./dom.js";
import { asks, NOTHING } from "./state.js";
import { number, t } from "./strings.js";

/** Everything that shows the state itself. */
export function draw(state) {
  const box = byId("q");
  // Who is typing on is not interrupted.
  if (document.activeElement !== box || !box.value.trim().startsWith(state.q)) box.value = state.q;
  byId("clear").hidden = !asks(state);
  for (const id of ["order-choice", "fold-choice"]) byId(id).hidden = !asks(state);
  byId("order").value = state.order;
  byId("fold").checked = state.fold;
  byId("archive").value = state.archive || byId("archive").options[0]?.value;
  const conditions = conditionCount(state);
  byId("active-filters").textContent = conditions ? number(conditions) : "";
  document.title = state.q ? `${state.q} – ${t("title")}` : t("title");
}

/** The archives that can be chosen; one alone gives the page its name. */
export async function listArchives(page) {
  const { archives } = await ask("/v1/archives");
  fill(
    byId("archive"),
    archives.map((each) => h("option", { value: each.name }, each.name)),
  );
  byId("archive-choice").hidden = archives.length < 2;
  byId("home").textContent = archives.length === 1 ? archives[0].name : t("product");
  draw(page.state);
}

/** Have every control change the page's state. */
export function listen(page, suggestions) {
  const anew = () => page.go({ ...NOTHING, archive: page.state.archive });
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    suggestions.close();
    page.go({ q: byId("q").value.trim() });
    byId("results").focus({ preventScroll: true });
  });
  byId("clear").addEventListener("click", () => {
    anew();
    byId("q").focus();
  });
  byId("home").addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    anew();
  });
  byId("order").addEventListener("change", ({ target }) => page.go({ order: target.value }));
  byId("fold").addEventListener("change", ({ target }) => page.go({ fold: target.checked }));
  byId("archive").addEventListener("change", ({ target }) => {
    const first = target.options[0].value === target.value;
    page.go({ ...NOTHING, q: page.state.q, archive: first ? "" : target.value });
  });
  listenToDrawer();
}

function listenToDrawer() {
  byId("open-side").addEventListener("click", () => openSide(true));
  byId("close-side").addEventListener("click", () => openSide(false));
  byId("side").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !sideIsOpen()) return;
    event.preventDefault();
    openSide(false);
  });
}

const sideIsOpen = () => document.body.classList.contains("side-open");

function openSide(open) {
  document.body.classList.toggle("side-open", open);
  byId(open ? "close-side" : "open-side").focus();
}

/** Bring the reader to the filters: they stand beside the grid, or slide in. */
export function toFilters() {
  if (getComputedStyle(byId("open-side")).display !== "none") openSide(true);
  else byId("facets").querySelector("input")?.focus();
}
