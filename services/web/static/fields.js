// An asset's fields as the detail shows them, rights first.

import { h } from "./dom.js";
import { marked } from "./marks.js";
import { date, fieldName, number, t } from "./strings.js";

/** The line that goes below a printed picture: "Ana Novak / STA", each name once. */
export function creditLine(asset) {
  const parts = [asset.creator, asset.credit].filter(Boolean);
  if (parts.length === 2 && parts[1].toLowerCase().includes(parts[0].toLowerCase())) parts.shift();
  return parts.join(" / ") || asset.copyright || asset.source || "";
}

const RIGHTS = ["copyright", "credit", "usage_terms", "creator", "source"];
const ABOUT = [
  "people",
  "organisations",
  "event",
  "city",
  "region",
  "country",
  "location",
  "date_created",
  "keywords",
  "collection",
  "language",
  "ocr_text",
];
const FILE = ["dimensions", "media_type", "file_name", "uri", "id"];
const CLICKED = new Set([
  "people",
  "organisations",
  "event",
  "city",
  "region",
  "country",
  "creator",
  "credit",
  "keywords",
  "collection",
  "usage_terms",
]);

/** The rights: also what is not stated is said. */
export const rights = (asset, shown) => list(asset, RIGHTS, { ...shown, all: true });

/** What the picture is about, and the file. */
export const about = (asset, shown) => list(asset, [...ABOUT, ...FILE], shown);

/** Columns of the archive that are no IPTC field. */
export function further(asset) {
  return Object.entries(asset.extra).map(([name, value]) =>
    h("div", {}, h("dt", {}, fieldName(name)), h("dd", {}, addressed(value))),
  );
}

/** `shown.words` are marked; `shown.link(field, value)` leads to a search for the value. */
function list(asset, names, shown) {
  return names.flatMap((name) => {
    const values = valuesOf(asset, name);
    if (!values.length && !shown.all) return [];
    const source = asset.provenance[name];
    return h(
      "div",
      { class: values.length ? null : "unstated" },
      h(
        "dt",
        { title: source ? t("detail.from", { source: t(`provenance.${source}`) }) : null },
        fieldName(name),
      ),
      values.length
        ? values.map((value) => h("dd", {}, told(name, value, shown)))
        : h("dd", {}, t("detail.unstated")),
    );
  });
}

function valuesOf(asset, name) {
  if (name === "dimensions") {
    return asset.width && asset.height ? [`${number(asset.width)} × ${number(asset.height)}`] : [];
  }
  if (name === "location") {
    const at = asset.location;
    return at ? [`${at.latitude.toFixed(4)}, ${at.longitude.toFixed(4)}`] : [];
  }
  if (name === "date_created") return asset.date_created ? [date(asset.date_created)] : [];
  return [asset[name] ?? []].flat().filter(Boolean);
}

function told(name, value, { words, link }) {
  if (!CLICKED.has(name)) return name === "uri" ? addressed(value) : marked(value, words);
  return h(
    "a",
    { href: link(name, value), class: "value-link", title: t("detail.filter", { what: value }) },
    marked(value, words),
  );
}

/** A web address as a link; anything else, such as s3://, as text. */
function addressed(value) {
  return /^https?:\/\//.test(value)
    ? h("a", { href: value, target: "_blank", rel: "noreferrer noopener" }, value)
    : value;
}
