// The filters: what the pictures have, how many of each, and which were chosen.

import { address, ask } from "./api.js";
import { byId, fill, h, icon } from "./dom.js";
import { clauseOf, folded, sameValue, toggled } from "./state.js";
import { fieldName, number, t, valueName } from "./strings.js";

const SHOWN = 6; // Values of a facet before "more".
const COUNTED = 10; // Values that are counted of a facet nobody opened.
const MOST = 500; // And of one that is opened.
const MANY = 20; // Values from which one looks for a value by typing.
const opened = new Set();

/**
 * The counts for a state: under all its conditions, but for a field's own, so that a second value
 * of it can be seen and chosen. Answers `{facets, years}`.
 */
export async function counted(state, signal) {
  const chosen = state.filter.map(clauseOf).filter((each) => !each.exclude);
  const counting = chosen.map((each) => each.field).filter((field) => ORDER.includes(field));
  const fields = new Set([...opened, ...counting]);
  const [all, undated, ...others] = await Promise.all([
    count(state, {}, signal),
    state.since || state.until ? count(state, { since: "", until: "" }, signal) : null,
    ...[...fields].map((field) => countedAlone(field, state, signal)),
  ]);
  const facets = new Map(all.facets.map((facet) => [facet.name, facet]));
  [...fields].forEach((field, at) => {
    const wider = others[at].facets.find((facet) => facet.name === field);
    if (wider) facets.set(field, wider);
  });
  return { facets, years: (undated ?? all).years, passing: all.years };
}

/** One field's values, under all conditions but its own. */
function countedAlone(field, state, signal) {
  const filter = state.filter.filter((text) => {
    const each = clauseOf(text);
    return each.exclude || each.field !== field;
  });
  const values = opened.has(field) ? MOST : COUNTED;
  return count(state, { filter, field, values }, signal);
}

async function count(state, changes, signal) {
  const { q, archive, filter, since, until, field, values } = { ...state, ...changes };
  const asked = { q, archive, filter, since, until, field, values };
  return (await ask(address("facets", asked), { signal })).counts;
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
  "orientation",
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
  const toggle = async () => {
    if (!opened.delete(name)) opened.add(name);
    const rest = opened.has(name) && (found?.values.length ?? 0) === COUNTED;
    const made = facet(name, rest ? await whole(name, found, state) : found, state, go);
    group.replaceWith(made);
    made.querySelector(all ? ".more" : "input")?.focus();
  };
  const list = h(
    "ul",
    {},
    listed.map((each) => row(name, each, state, go)),
  );
  const group = h(
    "fieldset",
    { class: all ? "facet all" : "facet" },
    h("legend", {}, fieldName(name)),
    all && values.length > MANY ? finder(name, list) : null,
    list,
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

/** All values of a field; those that there are where they cannot be counted now. */
async function whole(name, found, state) {
  try {
    const { facets } = await countedAlone(name, state);
    return facets.find((each) => each.name === name) ?? found;
  } catch {
    return found;
  }
}

/** A line to type into, which leaves the values that have the typed letters. */
function finder(name, list) {
  const label = t("facets.find", { what: fieldName(name) });
  const narrow = ({ target }) => {
    const typed = folded(target.value);
    for (const item of list.children) {
      item.hidden = !folded(item.querySelector(".value").textContent).includes(typed);
    }
  };
  return h("input", { type: "search", placeholder: label, "aria-label": label, oninput: narrow });
}

/** In links a value stands as the archive spells it. */
function row(name, { display, count: pictures }, state, go) {
  const clause = `${name}=${display}`;
  const shown = valueName(name, display);
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
      h("span", { class: "value" }, shown),
      h("span", { class: "number" }, number(pictures)),
    ),
    h(
      "button",
      {
        type: "button",
        class: "plain exclude",
        "aria-pressed": String(excluded),
        data: { clause: against },
        "aria-label": t("facets.exclude", { what: shown }),
        title: t("facets.exclude", { what: shown }),
        onclick: () => go(toggled(state, against)),
      },
      icon("minus"),
    ),
  );
}
