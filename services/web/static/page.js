// The state that is shown: what the address says. All changes go through `go`.

import { linkOf, NOTHING, searchKey, stateOf } from "./state.js";

/** `parts` has `results`, `detail`, `draw(state)` and `closeDetail()`. */
export class Page {
  state = NOTHING;
  parts = null;

  get search() {
    return this.parts.results.search;
  }

  /** Change the state: a new address, and what it asks for. */
  go(changes, { replace = false, opened = false } = {}) {
    const asked = searchKey({ ...this.state, ...changes }) !== searchKey(this.state);
    const state = { ...this.state, ...(asked ? { n: 0, asset: "" } : {}), ...changes };
    const same = replace || linkOf(state) === linkOf(this.state);
    if (!same) this.#keepPlace();
    const kept = { y: asked ? 0 : scrollY, opened: opened || (same && history.state?.opened) };
    history[same ? "replaceState" : "pushState"](kept, "", linkOf(state));
    this.apply(state);
  }

  /** Go where a link of the page leads. */
  follow(href) {
    this.go({ ...NOTHING, ...stateOf(new URL(href).search) });
  }

  /** Show a state; `y` is where the reader was on it, null to begin at the top. */
  async apply(state, y = null) {
    const { results, detail } = this.parts;
    const again = results.search === null || searchKey(state) !== searchKey(this.state);
    if (again && results.search !== null && y === null) scrollTo({ top: 0, behavior: "instant" });
    this.state = state;
    this.parts.draw(state);
    if (state.asset) detail.show(state.asset);
    else if (detail.open) this.parts.closeDetail();
    if (again) await results.run(state);
    // Of a link with an open picture: now it is known why it is here and what stands beside it.
    const among = this.state === state && this.search?.places.has(state.asset);
    if (detail.open && among && !detail.placed) detail.show(state.asset);
    // Of the same search the tile that has the focus stays in sight instead.
    if (again && y !== null) scrollTo({ top: y, behavior: "instant" });
  }

  /** The state is the same but for how far it was read. */
  readTo(count) {
    this.state = { ...this.state, n: count };
    history.replaceState(history.state, "", linkOf(this.state));
  }

  /** Open a picture of the grid. */
  open(asset) {
    this.go({ asset: asset.id }, { opened: true });
  }

  /** Close the picture: back to the grid that it was opened from, where it was. */
  closed() {
    if (history.state?.opened) history.back();
    else this.go({ asset: "" }, { replace: true });
  }

  /** The picture before or after the one that is open. */
  async step(by) {
    const { search, state } = this;
    const at = search?.places.get(state.asset);
    if (at === undefined) return;
    if (at + by >= search.hits.length && search.more) await this.parts.results.readMore();
    const hit = search.hits[at + by];
    if (hit && this.state.asset === state.asset)
      this.go({ asset: hit.asset.id }, { replace: true });
  }

  #keepPlace() {
    history.replaceState({ ...history.state, y: scrollY }, "");
  }
}
