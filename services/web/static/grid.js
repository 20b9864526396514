// The grid: tiles at places that are known before their pictures are there, so nothing jumps.
// All tiles stay in the page, where the browser can find words in them; those off screen are
// neither laid out nor painted (content-visibility), and their pictures wait to be scrolled to.

import { h } from "./dom.js";
import { justified, proportion } from "./justify.js";
import { t } from "./strings.js";
import { tile, titleOf } from "./tile.js";

const TARGETS = { small: 0.7, medium: 1, large: 1.55 };

/** Below which width of the grid which height of a row is aimed at, in pixels. */
function targetOf(width, size) {
  const base = width < 520 ? 132 : width < 1100 ? 176 : width < 1800 ? 208 : 236;
  return base * TARGETS[size];
}

export class Grid {
  #list;
  #links;
  #tiles = [];
  #line = null;
  #boxes = [];
  #current = 0;
  #search = null;

  /** `links.href(asset)` is where a tile leads; `links.open(asset, event)` is called instead. */
  constructor(list, links) {
    this.#list = list;
    this.#links = links;
    list.addEventListener("keydown", (event) => this.#move(event));
    list.addEventListener("focusin", ({ target }) => this.#become(target.closest(".tile")));
    list.addEventListener("click", (event) => this.#clicked(event));
    list.addEventListener("dragstart", (event) => this.#dragged(event));
    new ResizeObserver(() => this.layout()).observe(list);
  }

  /** How many tiles are shown. */
  get shown() {
    return this.#boxes.length;
  }

  /** Show a search's hits, those already there stay as they are. */
  show(search) {
    if (search !== this.#search) {
      this.#list.replaceChildren();
      this.#search = search;
      this.#tiles = [];
      this.#line = null;
      this.#current = 0;
    }
    for (const hit of search.hits.slice(this.#tiles.length)) {
      const dated = search.state.order !== "relevance";
      const made = tile(hit, search.first.plan, { href: this.#links.href(hit.asset), dated });
      made.hidden = true;
      this.#tiles.push(made);
      this.#list.append(made);
    }
    this.layout();
  }

  /** Put every tile in its place. */
  layout() {
    const search = this.#search;
    const width = this.#list.clientWidth;
    if (!search || !width) return;
    const style = getComputedStyle(this.#list);
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const cut = search.cut();
    const laid = justified(
      search.hits.map((hit) => proportion(hit.asset)),
      {
        width,
        target: targetOf(width, document.documentElement.dataset.size),
        gap: Number.parseFloat(style.getPropertyValue("--gap")),
        below: Number.parseFloat(style.getPropertyValue("--below")) * rem,
        lineHeight: 3 * rem,
        breaks: cut ? [cut.at] : [],
        open: search.more,
      },
    );
    this.#boxes = laid.boxes;
    laid.boxes.forEach((box, at) => this.#place(at, box));
    for (const each of this.#tiles.slice(laid.boxes.length)) each.hidden = true;
    this.#list.style.height = `${laid.height}px`;
    this.#drawLine(cut, laid.lines.get(cut?.at));
    if (this.#tiles.length) this.#setCurrent(Math.min(this.#current, this.shown - 1));
  }

  #place(at, box) {
    const made = this.#tiles[at];
    made.hidden = false;
    made.style.width = `${box.width}px`;
    made.style.transform = `translate(${box.x}px, ${box.y}px)`;
    made.style.setProperty("--height", `${box.height}px`);
  }

  #drawLine(cut, y) {
    if (y === undefined) {
      this.#line?.remove();
      this.#line = null;
      return;
    }
    if (!this.#line) {
      this.#line = h("li", { class: "cut" }, h("span", {}, t(`cut.${cut.kind}`)));
    }
    this.#tiles[cut.at].before(this.#line);
    this.#line.style.transform = `translateY(${y}px)`;
  }

  /** Put the focus on the tile of an asset, or on the one that had it last. */
  focus(id) {
    const at = id === undefined ? this.#current : this.#search?.places.get(id);
    if (at === undefined || at >= this.shown) return false;
    this.#setCurrent(at);
    this.#link(at).focus({ preventScroll: true });
    this.#link(at).scrollIntoView({ block: "nearest" });
    return true;
  }

  #link(at) {
    return this.#tiles[at].firstElementChild;
  }

  #setCurrent(at) {
    if (at < 0) return;
    if (this.#tiles[this.#current]) this.#link(this.#current).tabIndex = -1;
    this.#current = at;
    this.#link(at).tabIndex = 0;
  }

  #become(found) {
    const at = this.#tiles.indexOf(found);
    if (at >= 0) this.#setCurrent(at);
  }

  #clicked(event) {
    const found = event.target.closest(".tile");
    const plain =
      event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!found || !plain) return;
    event.preventDefault();
    this.#links.open(this.#search.hits[this.#tiles.indexOf(found)].asset);
  }

  /** A tile dragged elsewhere is its picture's address and its words, not the page's markup. */
  #dragged(event) {
    const found = event.target.closest(".tile");
    if (!found) return;
    const { asset } = this.#search.hits[this.#tiles.indexOf(found)];
    event.dataTransfer.setData("text/plain", titleOf(asset));
  }

  #move(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.shown) return;
    const to = this.#target(event.key);
    if (to === null) return;
    event.preventDefault();
    this.#setCurrent(to);
    this.#link(to).focus({ preventScroll: true });
    this.#link(to).scrollIntoView({ block: "nearest" });
    if (to > this.shown - 12) this.#links.wantMore();
  }

  #target(key) {
    const at = this.#current;
    const last = this.shown - 1;
    if (key === "ArrowRight") return Math.min(at + 1, last);
    if (key === "ArrowLeft") return Math.max(at - 1, 0);
    if (key === "Home") return 0;
    if (key === "End") return last;
    if (key === "ArrowDown") return this.#inRow(at, 1);
    if (key === "ArrowUp") return this.#inRow(at, -1);
    return null;
  }

  /** The picture of a neighbouring row that stands nearest above or below. */
  #inRow(at, step) {
    const from = this.#boxes[at];
    const middle = from.x + from.width / 2;
    let best = at;
    let least = Infinity;
    this.#boxes.forEach((box, place) => {
      if (box.row !== from.row + step) return;
      const away = Math.abs(box.x + box.width / 2 - middle);
      if (away < least) [best, least] = [place, away];
    });
    return best;
  }
}
