// One hit in the grid.

import { h, icon } from "./dom.js";
import { excerpt, marked } from "./marks.js";
import { date, t } from "./strings.js";
import { shortWhy } from "./why.js";

const WAITS = [1000, 4000]; // Milliseconds before a thumbnail is asked for again.

/** The words an asset goes by: headline, else caption, else its names, else its file. */
export const titleOf = (asset) =>
  asset.headline || asset.caption || asset.people.join(", ") || asset.file_name || asset.id;

/** Where and when, in one line. */
export const whereAndWhen = (asset) =>
  [asset.city || asset.region || asset.country, date(asset.date_created)]
    .filter(Boolean)
    .join(" · ");

/** The tile of a hit; `href` leads to its detail, `dated` tells that dates order the hits. */
export function tile(hit, plan, { href, dated }) {
  const { asset, why } = hit;
  const pictured = asset.links.thumbnail !== null;
  return h(
    "li",
    { class: "tile", data: { id: asset.id } },
    h(
      "a",
      { href, tabindex: -1 },
      h(
        "span",
        { class: pictured ? "frame" : "frame words" },
        pictured ? thumbnail(asset) : excerpt(asset.caption ?? titleOf(asset), why.words),
        hit.twins.length ? twins(hit.twins.length) : null,
      ),
      h(
        "span",
        { class: "text" },
        asset.headline
          ? [
              h("span", { class: "title one" }, marked(asset.headline, why.words)),
              h("span", { class: "line" }, line(asset, why.words)),
            ]
          : h(
              "span",
              { class: "title two" },
              marked(excerpt(titleOf(asset), why.words, 90), why.words),
            ),
        h("span", { class: "why" }, dated ? whereAndWhen(asset) : reason(hit, plan)),
      ),
    ),
  );
}

function thumbnail(asset) {
  return h("img", {
    src: asset.links.thumbnail,
    alt: "",
    loading: "lazy",
    decoding: "async",
    draggable: "true",
    onerror: ({ target }) => tryAgain(target),
  });
}

/** A service with keys may have been asked too fast: wait, then ask again, a few times. */
function tryAgain(image) {
  const tries = Number(image.dataset.tries ?? 0);
  if (tries === WAITS.length) {
    image.replaceWith(h("span", { class: "missing" }, t("error.thumbnail")));
    return;
  }
  image.dataset.tries = tries + 1;
  const { src } = image;
  setTimeout(() => (image.src = src), WAITS[tries] * (1 + Math.random()));
}

/** Under a headline: the caption where it has a matching word, else where and when. */
function line(asset, words) {
  const caption = asset.caption ?? "";
  const nodes = marked(excerpt(caption, words, 60), words);
  return nodes.some((each) => each instanceof Element) ? nodes : whereAndWhen(asset) || caption;
}

function reason(hit, plan) {
  const told = shortWhy(hit, plan);
  return told.length ? told : whereAndWhen(hit.asset);
}

const twins = (count) =>
  h(
    "span",
    { class: "twins" },
    icon("likeness"),
    `+${count}`,
    h("span", { class: "hidden" }, ` ${t("grid.twins", { count })}`),
  );
