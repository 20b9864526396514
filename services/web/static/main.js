// The page: what the address says is what is shown. All changes go through `go`.

import { ask, onKeyNeeded, Problem } from "./api.js";
import { conditionCount, showChips, showMeant } from "./chips.js";
import { Detail } from "./detail.js";
import { byId, fill, h } from "./dom.js";
import { counted, showFacets } from "./facets.js";
import { Grid } from "./grid.js";
import { askForKey } from "./key.js";
import * as keyboard from "./keyboard.js";
import * as messages from "./messages.js";
import { pictureNamed } from "./pictures.js";
import * as receiving from "./receiving.js";
import { MOST, PAGE, Search } from "./search.js";
import * as settings from "./settings.js";
import { asks, linkOf, NOTHING, searchKey, stateOf } from "./state.js";
import { number, t } from "./strings.js";
import { Suggestions } from "./suggest.js";
import { showYears } from "./years.js";

const SLOW = 4000; // Milliseconds after which a search that goes on is spoken of.
const KEPT = 8; // Searches that "back" finds as they were.

const page = {
  state: NOTHING, search: null, counts: null, asked: null, kept: new Map(), pushed: 0,

  /** Change the state: a new address, and what it asks for. */
  go(changes, { replace = false } = {}) {
    const asked = searchKey({ ...this.state, ...changes }) !== searchKey(this.state);
    const state = { ...this.state, ...(asked ? { n: 0, asset: "" } : {}), ...changes };
    if (!replace) history.replaceState({ ...history.state, y: scrollY }, "");
    const kept = { y: asked ? 0 : scrollY, depth: (history.state?.depth ?? 0) + (replace ? 0 : 1) };
    history[replace ? "replaceState" : "pushState"](kept, "", linkOf(state));
    this.apply(state);
  },

  follow(href) {
    this.go({ ...NOTHING, ...stateOf(new URL(href).search) });
  },

  /** Show a state; `y` is where the reader was on it. */
  async apply(state, y = null) {
    const again = this.search === null || searchKey(state) !== searchKey(this.state);
    if (again && this.search !== null && y === null) scrollTo({ top: 0, behavior: "instant" });
    this.state = state;
    drawControls(state);
    if (state.asset) detail.show(state.asset);
    else if (detail.open) closeDetail();
    if (again) await runSearch(state);
    if (y !== null) scrollTo({ top: y, behavior: "instant" });
  },

  /** Close the detail: back to where it was opened, where that is this page. */
  closed() {
    if ((history.state?.depth ?? 0) > 0 && history.state.opened) history.back();
    else this.go({ asset: "" }, { replace: true });
  },

  open(asset) {
    this.go({ asset: asset.id });
    history.replaceState({ ...history.state, opened: true }, "");
  },

  /** The picture before or after the one that is open. */
  async step(by) {
    const { search, state } = this;
    const at = search?.places.get(state.asset);
    if (at === undefined) return;
    if (at + by >= search.hits.length && search.more) await readMore();
    const hit = search.hits[at + by];
    if (!hit) return;
    const { opened } = history.state ?? {};
    this.go({ asset: hit.asset.id }, { replace: true });
    history.replaceState({ ...history.state, opened }, "");
  },

  lettersOn: keyboard.lettersOn,
};

const detail = new Detail(page);
const grid = new Grid(byId("grid"), {
  href: (asset) => linkOf({ ...page.state, asset: asset.id }),
  open: (asset) => page.open(asset),
  wantMore: () => readMore(),
});
const suggestions = new Suggestions({ archive: () => page.state.archive, go: (q) => page.go({ q }) });
const go = (changes) => page.go(changes);

function closeDetail() {
  const last = byId("detail").dataset.last;
  detail.close();
  if (!grid.focus(last)) byId("results").focus({ preventScroll: true });
}

/** Everything that shows the state itself, at once. */
function drawControls(state) {
  if (document.activeElement !== byId("q") || !byId("q").value.trim().startsWith(state.q)) byId("q").value = state.q;
  byId("clear").hidden = !asks(state);
  for (const id of ["order-choice", "fold-choice"]) byId(id).hidden = !asks(state);
  byId("order").value = state.order;
  byId("fold").checked = state.fold;
  byId("archive").value = state.archive || byId("archive").options[0]?.value;
  const conditions = conditionCount(state);
  byId("active-filters").textContent = conditions ? number(conditions) : "";
  if (state.asset) byId("detail").dataset.last = state.asset;
  document.title = state.q ? `${state.q} – ${t("title")}` : t("title");
}

async function runSearch(state) {
  page.asked?.abort();
  page.asked = new AbortController();
  const { signal } = page.asked;
  const key = searchKey(state);
  const search = page.kept.get(key) ?? new Search(state, pictureNamed(state.picture));
  page.search = search;
  document.body.classList.add("searching");
  showChips(search.first ? search : null, state, go);
  const slow = setTimeout(() => tellSlow(page.asked), SLOW);
  const counts = count(state, signal);
  try {
    await search.read(Math.max(state.n, PAGE), signal);
    keep(key, search);
    show(search);
  } catch (error) {
    if (signal.aborted) return;
    fail(error);
  } finally {
    clearTimeout(slow);
    if (!signal.aborted) document.body.classList.remove("searching");
  }
  await counts;
}

function keep(key, search) {
  page.kept.delete(key);
  page.kept.set(key, search);
  while (page.kept.size > KEPT) page.kept.delete(page.kept.keys().next().value);
}

function tellSlow(asked) {
  fill(byId("progress"), h("span", {}, t("count.slow")),
    h("button", { type: "button", class: "button", onclick: () => stop(asked) }, t("count.cancel")));
}

function stop(asked) {
  asked.abort();
  document.body.classList.remove("searching");
  fill(byId("progress"));
  page.search = null;
}

function fail(error) {
  const problem = error instanceof Problem ? error : new Problem(t("error.broken"), t("error.broken_remedy"));
  if (!(error instanceof Problem)) console.error(error);
  page.search = null;
  fill(byId("progress"));
  fill(byId("grid"));
  byId("grid").style.height = "";
  byId("count").textContent = t("error.title");
  byId("end").textContent = "";
  showChips(null, page.state, go);
  messages.failed(problem, () => page.apply(page.state));
}

function show(search) {
  const { state, first } = search;
  fill(byId("progress"));
  showMeant(asks(state) ? search : null, go);
  showChips(asks(state) ? search : null, state, go);
  byId("grid").hidden = false;
  grid.show(search);
  byId("count").textContent = countOf(search);
  byId("trial").hidden = !first.encoder?.trial;
  byId("about-encoder").hidden = !first.encoder?.trial;
  tellMessage(search);
  tellEnd(search);
}

function countOf({ state, first, hits }) {
  if (!asks(state)) return hits.length ? t("count.newest") : t("count.results", { count: 0 });
  if (!hits.length) return t("count.results", { count: 0 });
  const { listed, about, eligible } = first.totals;
  if (first.plan.legs.every((leg) => leg.kind === "date")) return t("count.results", { count: eligible });
  return t("count.ranked", { count: about ? eligible : listed });
}

function tellMessage(search) {
  if (!asks(search.state)) {
    if (search.hits.length || page.counts?.facets.size) messages.welcome(page.counts, { go, choose: receiving.choose });
    else messages.emptyArchive();
  } else if (!search.hits.length) messages.nothing(search, search.state, go);
  else messages.quiet();
}

function tellEnd(search) {
  const told = search.first.totals.about ? "count.deepest" : "count.end";
  const over = search.hits.length && !search.more; // Before that nothing stands there to be moved.
  byId("end").textContent = over ? t(told, { count: search.hits.length }) : "";
}

/** Read the next page when the end comes near. */
async function readMore() {
  const { search, asked } = page;
  if (!search?.first || !search.more || search.reading) return;
  document.body.classList.add("reading");
  try {
    const { length } = search.hits;
    await search.read(Math.min(2 * length, length + MOST), asked.signal); // Who reads on reads far.
    if (page.search !== search) return;
    page.state = { ...page.state, n: search.hits.length };
    history.replaceState(history.state, "", linkOf(page.state));
    grid.show(search);
    tellEnd(search);
  } catch (error) {
    if (asked.signal.aborted) return;
    if (!(error instanceof Problem)) throw error;
    fill(byId("end"), `${error.detail} ${error.remedy} `,
      h("button", { type: "button", class: "link", onclick: readMore }, t("error.again")));
  } finally {
    document.body.classList.remove("reading");
  }
}

async function count(state, signal) {
  try {
    page.counts = await counted(state, signal);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Problem)) throw error;
    fill(byId("facets"), h("p", { class: "quiet" }, t("facets.failed")));
    return;
  }
  showFacets(page.counts, state, go);
  showYears(page.counts.years, state, go);
  if (page.search?.first && !asks(state)) tellMessage(page.search);
}

async function listArchives() {
  const { archives } = await ask("/v1/archives");
  fill(byId("archive"), archives.map((each) => h("option", { value: each.name }, each.name)));
  byId("archive").hidden = false;
  byId("archive-choice").hidden = archives.length < 2;
  byId("home").textContent = archives.length === 1 ? archives[0].name : t("product");
  drawControls(page.state);
}

function listen() {
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    suggestions.close();
    page.go({ q: byId("q").value.trim() });
    byId("q").blur();
    byId("results").focus({ preventScroll: true });
  });
  byId("clear").addEventListener("click", () => {
    page.go({ ...NOTHING, archive: page.state.archive });
    byId("q").focus();
  });
  byId("home").addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    page.go({ ...NOTHING, archive: page.state.archive });
  });
  byId("order").addEventListener("change", ({ target }) => page.go({ order: target.value }));
  byId("fold").addEventListener("change", ({ target }) => page.go({ fold: target.checked }));
  byId("archive").addEventListener("change", ({ target }) => {
    const first = target.options[0].value === target.value;
    page.go({ ...NOTHING, q: page.state.q, archive: first ? "" : target.value });
  });
  addEventListener("popstate", ({ state }) => page.apply(stateOf(location.search), state?.y ?? 0));
  new IntersectionObserver(([entry]) => entry.isIntersecting && readMore(), { rootMargin: "1500px" })
    .observe(byId("end"));
}

function openSide(open) {
  document.body.classList.toggle("side-open", open);
  byId(open ? "close-side" : "open-side").focus();
}

async function start() {
  history.scrollRestoration = "manual";
  onKeyNeeded(askForKey);
  listen();
  settings.listen((name) => name === "size" && grid.layout());
  receiving.listen((id) => page.go({ picture: id, like: "" }), (error) => fail(error));
  byId("open-side").addEventListener("click", () => openSide(true));
  byId("close-side").addEventListener("click", () => openSide(false));
  byId("side").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    openSide(false);
  });
  byId("trial").textContent = t("trial.short");
  keyboard.listen({
    "/": () => byId("q").select(),
    f: () => (getComputedStyle(byId("open-side")).display === "none"
      ? byId("facets").querySelector("input")?.focus() : openSide(true)),
    Escape: () => (document.body.classList.contains("side-open") ? openSide(false) : grid.focus()),
  });
  listArchives().catch((error) => console.warn(error.message));
  await page.apply(stateOf(location.search), history.state?.y ?? null);
}

start();
