// The picture of the detail, as large as there is room, with the way to its neighbours.

import { h, icon } from "./dom.js";
import { number, t } from "./strings.js";
import { titleOf } from "./tile.js";

/** `place` is `{at, count, more}` of the asset among the hits, null where it is not among them. */
export function stage(asset, place, step) {
  const turn = (by, name, label, able) =>
    h(
      "button",
      {
        type: "button",
        class: `plain turn ${name}`,
        "aria-label": label,
        title: label,
        disabled: !able,
        onclick: () => step(by),
      },
      icon(name),
    );
  const further = place !== null && (place.at + 1 < place.count || place.more);
  return h(
    "div",
    { class: "stage" },
    asset.links.preview ? picture(asset) : h("p", { class: "quiet" }, t("detail.no_picture")),
    turn(-1, "left", t("detail.previous"), place !== null && place.at > 0),
    turn(1, "right", t("detail.next"), further),
    place && h("p", { class: "place" }, told(place)),
  );
}

const told = ({ at, count, more }) =>
  t("detail.place", { rank: at + 1, count: number(count) + (more ? "+" : "") });

/** The preview over the thumbnail, which is there already. */
function picture(asset) {
  const large = h("img", {
    class: "large",
    src: asset.links.preview,
    alt: titleOf(asset),
    decoding: "async",
  });
  const small = h("img", { class: "small", src: asset.links.thumbnail, alt: "" });
  const frame = h("div", { class: "canvas" }, small, large);
  if (asset.width && asset.height) {
    frame.style.setProperty("--wide", asset.width);
    frame.style.setProperty("--high", asset.height);
  }
  large.addEventListener("load", () => frame.classList.add("loaded"));
  large.addEventListener("error", () => large.remove());
  return frame;
}
