// The filters: what the pictures have, how many of each, and which were chosen.

import { address, ask } from "./api.js";
import { byId, fill, h, icon } from "./dom.js";
import { clauseOf, folded, sameValue, toggled } from "./state.js";
import { fieldName, number, t } from "./strings.js";

const SHOWN = 6; // Values of a facet before "more".
const opened = new Set();

/**
 * The counts for a state: under all its conditions, but for a field's own, so that a second value
 * of it can be seen and chosen. Answers `{facets, years}`.
 */
export async function counted(state, signal) {
  const fields = new Set(
    state.filter
      .map(clauseOf)
      .filter((each) => !each.exclude)
      .map((each) => each.field),
  );
  const without = (field) =>
    state.filter.filter((text) => {
      const each = clauseOf(text);
      return each.exclude || each.field !== field;
    });
  const [all, undated, ...others] = await Promise.all([
    count(state, {}, signal),
    state.since || state.until ? count(state, { since: "", until: "" }, signal) : null,
    ...[...fields].map((field) => count(state, { filter: without(field) }, signal)),
  ]);
  const facets = new Map(all.facets.map((facet) => [facet.name, facet]));
  [...fields].forEach((field, at) => {
    const wider = others[at].facets.find((facet) => facet.name === field);
    if (wider) facets.set(field, wider);
  });
  return { facets, years: (undated ?? all).years, passing: all.years };
}

async function count(state, changes, signal) {
  const { q, archive, filter, since, until } = { ...state, ...changes };
  const answer = await ask(address("facets", { q, archive, filter, since, until }), { signal });
  return answer.counts;
}

const ORDER = [
  "people",
  "city",
  "region",
  "country",
  "event",
  "organisations",
  "keywords",
  "creator",
  "credit",
  "collection",
  "usage_terms",
];

/** Show the facets; `go(changes)` is called with what a choice changes. */
export function showFacets(counts, state, go) {
  const names = [...ORDER, ...[...counts.facets.keys()].filter((name) => !ORDER.includes(name))];
  const shown = names
    .filter((name) => name !== "year")
    .map((name) => facet(name, counts.facets.get(name), state, go));
  const active = document.activeElement?.dataset?.clause;
  fill(byId("facets"), shown);
  if (active)
    byId("facets")
      .querySelector(`[data-clause="${CSS.escape(active)}"]`)
      ?.focus();
}

function facet(name, found, state, go) {
  const values = [...(found?.values ?? [])];
  for (const text of state.filter) {
    // What was chosen stays in sight, counted or not.
    const { field, value } = clauseOf(text);
    if (field === name && !values.some((each) => each.value === folded(value))) {
      values.push({ value: folded(value), display: value, count: 0 });
    }
  }
  if (!values.length) return null;
  const all = opened.has(name);
  const chosen = (each) => state.filter.some((text) => sameValue(text, `${name}=${each.value}`));
  const listed = values.filter((each, at) => all || at < SHOWN || chosen(each));
  const toggle = () => {
    if (!opened.delete(name)) opened.add(name);
    const made = facet(name, found, state, go);
    group.replaceWith(made);
    made.querySelector(".more")?.focus();
  };
  const group = h(
    "fieldset",
    { class: "facet" },
    h("legend", {}, fieldName(name)),
    h(
      "ul",
      {},
      listed.map((each) => row(name, each, state, go)),
    ),
    values.length > SHOWN
      ? h(
          "button",
          { type: "button", class: "link more", "aria-expanded": String(all), onclick: toggle },
          t(all ? "facets.fewer" : "facets.more"),
        )
      : null,
  );
  return group;
}

/** In links a value stands as the archive spells it. */
function row(name, { display, count: pictures }, state, go) {
  const clause = `${name}=${display}`;
  const against = `${name}!=${display}`;
  const known = state.filter.find((each) => sameValue(each, clause));
  const excluded = known !== undefined && clauseOf(known).exclude;
  return h(
    "li",
    { class: excluded ? "excluded" : null },
    h(
      "label",
      {},
      h("input", {
        type: "checkbox",
        checked: known !== undefined && !excluded,
        data: { clause },
        onchange: () => go(toggled(state, clause)),
      }),
      h("span", { class: "value" }, display),
      h("span", { class: "number" }, number(pictures)),
    ),
    h(
      "button",
      {
        type: "button",
        class: "plain exclude",
        "aria-pressed": String(excluded),
        data: { clause: against },
        "aria-label": t("facets.exclude", { what: display }),
        title: t("facets.exclude", { what: display }),
        onclick: () => go(toggled(state, against)),
      },
      icon("minus"),
    ),
  );
}
