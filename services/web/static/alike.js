// Near duplicates of a picture and, apart from them, those that only look similar.

import { h } from "./dom.js";
import { proportion } from "./justify.js";
import { t } from "./strings.js";
import { titleOf } from "./tile.js";

/** `links` has `href(id)` and `open(id)`. */
export function alike(answer, links) {
  const same = new Set(answer.near_duplicates);
  const near = answer.hits.filter((hit) => same.has(hit.asset.id));
  const others = answer.hits.filter((hit) => !same.has(hit.asset.id));
  const none = h("p", { class: "quiet" }, t("detail.no_duplicates"));
  return [
    h("h3", {}, t("detail.duplicates")),
    near.length ? strip(near, "duplicates", links) : none,
    others.length ? [h("h3", {}, t("detail.alike")), strip(others, "similar", links)] : null,
  ];
}

const strip = (hits, name, links) =>
  h(
    "ul",
    { class: `strip ${name}` },
    hits.map(({ asset }) => h("li", {}, link(asset, links))),
  );

function link(asset, links) {
  const image = h("img", {
    src: asset.links.thumbnail,
    alt: titleOf(asset),
    loading: "lazy",
    decoding: "async",
  });
  image.style.aspectRatio = proportion(asset);
  const onclick = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    links.open(asset.id);
  };
  return h("a", { href: links.href(asset.id), title: titleOf(asset), onclick }, image);
}
