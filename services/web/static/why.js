// Why a hit is where it is, from the numbers its score was made of.

import { h, icon } from "./dom.js";
import { fieldName, number, t } from "./strings.js";

const NOTABLE = 0.12; // Of the score: a leg that gave less is not spoken of in the grid.

/** What each leg gave, the strongest first. */
function parts(hit, plan) {
  const legs = new Map(plan.legs.map((leg) => [leg.name, leg]));
  return [...hit.why.contributions]
    .sort((one, other) => other.value - one.value)
    .map((each) => ({ ...each, is: legs.get(each.leg) ?? { kind: each.leg } }));
}

/** The fields where words matched, the weightiest first. */
export function matchedFields(hit) {
  const weights = new Map();
  for (const term of hit.why.terms) {
    for (const [field, weight] of Object.entries(term.fields)) {
      weights.set(field, (weights.get(field) ?? 0) + weight * term.idf * term.weight);
    }
  }
  return [...weights].sort((one, other) => other[1] - one[1]).map(([field]) => field);
}

/** What a tile says: which leg led, where the words stand. Empty where nothing is to be told. */
export function shortWhy(hit, plan) {
  const told = [];
  let words = false;
  const enough = NOTABLE * Math.max(hit.score, 0);
  for (const part of parts(hit, plan)) {
    if (part.is.kind === "words" && !words && hit.why.terms.length) {
      words = true;
      const fields = matchedFields(hit)
        .slice(0, 3)
        .map((name) => fieldName(name).toLowerCase());
      told.push(h("span", { class: "leg" }, icon("words"), fields.join(", ")));
    } else if (part.is.kind === "looks" && part.rank && part.value > enough) {
      told.push(h("span", { class: "leg" }, icon("eye"), t(shortOf(part.is), { rank: part.rank })));
    }
  }
  return told;
}

const shortOf = (leg) => (leg.picture ? "why.picture" : leg.like ? "why.like" : "why.looks");

/** The whole reason: each leg with its place, its share, and the words with their fields. */
export function longWhy(hit, plan) {
  const all = parts(hit, plan).filter((part) => part.is.kind !== "date");
  if (!all.length) return [];
  const total = all.reduce((sum, part) => sum + Math.max(part.value, 0), 0) || 1;
  const rows = all.map((part) =>
    h(
      "li",
      { class: "leg-row" },
      h("span", { class: "leg-name" }, nameOf(part.is)),
      meter(Math.max(part.value, 0) / total),
      h(
        "span",
        { class: "leg-place" },
        part.rank ? t("why.place", { rank: part.rank }) : t("why.beyond"),
      ),
    ),
  );
  return [
    h("h3", {}, t("why.title")),
    h("ul", { class: "legs" }, rows),
    wordsAndFields(hit),
    hit.relevance === null
      ? null
      : h(
          "p",
          { class: "quiet" },
          t("why.relevance", { percent: Math.round(hit.relevance * 100) }),
        ),
  ];
}

function nameOf(leg) {
  if (leg.kind === "words") return t("why.leg_words");
  if (leg.picture) return t("why.leg_picture");
  return t(leg.like ? "why.leg_like" : "why.leg_looks");
}

/** A bar; its length is set in steps, for a policy that allows no styles in the markup. */
function meter(share) {
  const bar = h("i", { class: "meter-bar" });
  bar.style.width = `${Math.round(share * 100)}%`;
  return h(
    "span",
    { class: "meter", role: "img", "aria-label": `${number(Math.round(share * 100))} %` },
    bar,
  );
}

/** “Hopper”: people, headline. One line for all words that stand in the same fields. */
function wordsAndFields(hit) {
  const fields = new Map();
  for (const term of hit.why.terms) {
    const known = fields.get(term.word) ?? new Set();
    Object.keys(term.fields).forEach((name) => known.add(name));
    fields.set(term.word, known);
  }
  const groups = new Map();
  for (const [word, names] of fields) {
    const told = [...names].map((name) => fieldName(name).toLowerCase()).join(", ");
    groups.set(told, [...(groups.get(told) ?? []), `“${word}”`]);
  }
  return [...groups].map(([told, found]) =>
    h("p", { class: "quiet" }, t("why.in", { words: found.join(", "), fields: told })),
  );
}
