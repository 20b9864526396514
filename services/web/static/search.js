// One search and its pages.

import { ask } from "./api.js";
import { asks, conditionsOf } from "./state.js";

export const PAGE = 60;
export const MOST = 200; // Hits of one request.

/** The hits of a state, read page by page; `first` is the first page's answer. */
export class Search {
  constructor(state, picture) {
    this.state = state;
    this.picture = picture;
    this.hits = [];
    this.first = null;
    this.next = null;
    this.places = new Map(); // asset id to place in `hits`
    this.reading = null;
  }

  /** Whether there is more to read. */
  get more() {
    return this.first === null || this.next !== null;
  }

  /** Read on until there are `count` hits; calls at the same time share one reading. */
  async read(count, signal) {
    while (this.reading) await this.reading;
    this.reading = this.#readUntil(count, signal).finally(() => (this.reading = null));
    return this.reading;
  }

  async #readUntil(count, signal) {
    while (this.more && this.hits.length < count) {
      const limit = Math.min(Math.max(count - this.hits.length, PAGE), MOST);
      const answer = await ask("/v1/search", { body: this.#body(limit), signal });
      this.first ??= answer;
      this.next = answer.next;
      for (const hit of answer.hits) {
        if (!this.places.has(hit.asset.id)) {
          this.places.set(hit.asset.id, this.hits.push(hit) - 1);
        }
      }
    }
  }

  #body(limit) {
    const { state } = this;
    const asked = {
      q: state.q,
      archive: state.archive || null,
      like: state.like || null,
      filters: asks(state) ? conditionsOf(state) : [{ has: "picture" }],
      order: asks(state) ? state.order : "newest",
      fold: state.fold,
      limit,
      marks: true,
      cursor: this.next,
    };
    if (!this.picture) return asked;
    const form = new FormData();
    form.append("request", JSON.stringify(asked));
    form.append("picture", this.picture.blob, "query.jpg");
    return form;
  }

  /**
   * Before which place the weaker hits begin, and by what; null where there is no telling yet
   * or no such place. Three in a row below are needed: one may stray.
   */
  cut() {
    const { hits, first, state } = this;
    if (!first || state.order !== "relevance" || !asks(state)) return null;
    const calibrated = hits.some((hit) => hit.relevance !== null);
    if (!calibrated && first.plan.method !== "evidence") return null;
    if (first.plan.legs.some((leg) => leg.kind === "date")) return null;
    const weak = calibrated
      ? (hit) => hit.relevance !== null && hit.relevance < 0.5
      : (hit) => hit.score < hits[0].score / 2;
    const last = this.next === null ? hits.length : hits.length - 2;
    for (let at = 1; at < last; at += 1) {
      if (hits.slice(at, at + 3).every(weak))
        return { at, kind: calibrated ? "calibrated" : "share" };
    }
    return null;
  }
}
