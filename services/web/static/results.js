// The answer to what is asked: hits, counts, messages. One search at a time; a newer one ends it.

import { asProblem, Problem } from "./api.js";
import { showChips, showMeant, showNotes } from "./chips.js";
import { byId, fill, h } from "./dom.js";
import { counted, showFacets } from "./facets.js";
import * as messages from "./messages.js";
import { pictureNamed } from "./pictures.js";
import * as receiving from "./receiving.js";
import { MOST, PAGE, Search } from "./search.js";
import { asks, searchKey } from "./state.js";
import { t } from "./strings.js";
import { showYears } from "./years.js";

const SLOW = 4000; // Milliseconds after which a search that goes on is spoken of.
const AHEAD = 1500; // Pixels below the window where the next pictures are read already.
const KEPT = 8; // Searches that "back" finds as they were.

export class Results {
  search = null;
  #page;
  #grid;
  #go;
  #counts = null;
  #asked = null;
  #kept = new Map();
  #ends = new IntersectionObserver((entries) => entries.at(-1).isIntersecting && this.readMore(), {
    rootMargin: `${AHEAD}px`,
  });

  constructor(page, grid) {
    this.#page = page;
    this.#grid = grid;
    this.#go = (changes) => page.go(changes);
  }

  /** Search for a state and show what is found, or what went wrong. */
  async run(state) {
    this.#asked?.abort();
    const asked = new AbortController();
    this.#asked = asked;
    const { signal } = asked;
    const search =
      this.#kept.get(searchKey(state)) ?? new Search(state, pictureNamed(state.picture));
    this.search = search;
    document.body.classList.add("searching");
    if (!search.first) byId("count").textContent = t("count.loading");
    showChips(search.first ? search : null, state, this.#go);
    const slow = setTimeout(() => this.#tellSlow(asked), SLOW);
    const counts = this.#count(state, signal);
    try {
      await search.read(Math.max(state.n, PAGE), signal);
      this.#keep(search);
      this.#show();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      clearTimeout(slow);
      if (!signal.aborted) document.body.classList.remove("searching");
    }
    await counts;
  }

  /** Read on when the end comes near: who reads on reads far. */
  async readMore() {
    const { search } = this;
    const asked = this.#asked;
    if (!search?.first || !search.more || search.reading) return;
    document.body.classList.add("reading");
    try {
      const { length } = search.hits;
      await search.read(Math.min(2 * length, length + MOST), asked.signal);
      if (this.search !== search) return;
      this.#page.readTo(search.hits.length);
      this.#grid.show(search);
      this.#tellEnd();
      this.#watch();
    } catch (error) {
      if (!asked.signal.aborted) this.#tellUnread(error);
    } finally {
      document.body.classList.remove("reading");
    }
  }

  /** Tell what went wrong, in the place of the hits. */
  #fail(error) {
    const problem = asProblem(error);
    this.search = null;
    for (const id of ["progress", "grid", "end", "notes", "meant"]) fill(byId(id));
    byId("grid").style.height = "";
    byId("count").textContent = t("error.title");
    showChips(null, this.#page.state, this.#go);
    messages.failed(problem, () => this.#page.apply(this.#page.state));
  }

  #keep(search) {
    const key = searchKey(search.state);
    this.#kept.delete(key);
    this.#kept.set(key, search);
    while (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
  }

  #show() {
    const { search } = this;
    const { state, first } = search;
    const understood = asks(state) ? search : null;
    fill(byId("progress"));
    showMeant(understood, this.#go);
    showNotes(understood);
    showChips(understood, state, this.#go);
    byId("grid").hidden = false;
    this.#grid.show(search);
    byId("count").textContent = countOf(search);
    byId("trial").hidden = !first.encoder?.trial;
    byId("about-encoder").hidden = !first.encoder?.trial;
    this.#tellMessage();
    this.#tellEnd();
    this.#watch();
  }

  /** Read on as soon as the end is near, now or after scrolling: observing anew tells at once. */
  #watch() {
    this.#ends.disconnect();
    if (this.search.more) this.#ends.observe(byId("end"));
  }

  #tellMessage() {
    const { search } = this;
    if (!asks(search.state)) {
      const choices = { go: this.#go, choose: receiving.choose };
      if (search.hits.length || this.#counts?.facets.size) messages.welcome(this.#counts, choices);
      else messages.emptyArchive();
    } else if (!search.hits.length) messages.nothing(search, search.state, this.#go);
    else messages.quiet();
  }

  #tellEnd() {
    const { hits, more, first } = this.search;
    const told = first.totals.about ? "count.deepest" : "count.end";
    const over = hits.length && !more; // Before that nothing stands there to be moved.
    fill(byId("end"), over ? t(told, { count: hits.length }) : "");
    byId("end").hidden = false; // It is watched: what comes near it is read.
  }

  /** The next page did not come. Where the index has changed in between, all is asked anew. */
  #tellUnread(error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 422) {
      this.#kept.delete(searchKey(this.search.state));
      this.search = null;
      this.#page.apply(this.#page.state, scrollY);
      return;
    }
    fill(
      byId("end"),
      h("span", { lang: error.lang }, `${error.detail} ${error.remedy} `),
      h(
        "button",
        { type: "button", class: "link", onclick: () => this.readMore() },
        t("error.again"),
      ),
    );
  }

  #tellSlow(asked) {
    fill(
      byId("progress"),
      h("span", {}, t("count.slow")),
      h(
        "button",
        { type: "button", class: "button", onclick: () => this.#stop(asked) },
        t("count.cancel"),
      ),
    );
  }

  #stop(asked) {
    asked.abort();
    document.body.classList.remove("searching");
    fill(byId("progress"));
    this.search = null;
  }

  async #count(state, signal) {
    try {
      this.#counts = await counted(state, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      fill(byId("facets"), h("p", { class: "quiet" }, t("facets.failed")));
      return;
    }
    showFacets(this.#counts, state, this.#go);
    showYears(this.#counts.years, state, this.#go);
    if (this.search?.first && !asks(state)) this.#tellMessage();
  }
}

function countOf({ state, first, hits }) {
  const { listed, about, eligible } = first.totals;
  if (!hits.length) return t("count.results", { count: 0 });
  if (!asks(state)) return t("count.newest");
  if (first.plan.legs.every((leg) => leg.kind === "date"))
    return t("count.results", { count: eligible });
  return t("count.ranked", { count: about ? eligible : listed });
}
