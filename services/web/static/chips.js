// What was understood of the query, as chips; taking one away changes the query.

import { address, inPath } from "./api.js";
import { byId, fill, h, icon } from "./dom.js";
import { clauseOf, CLEARED, narrows } from "./state.js";
import { date, fieldName, said, shapeName, t, valueName } from "./strings.js";

const LONGEST_MEANT = 60; // Characters up to which the whole query is shown, put right.

/** A chip: what kind of thing, what it says, and what taking it away does. */
function chip({ kind, label, text, negated, picture, remove }) {
  const told = `${negated ? `${t("chips.not")} ` : ""}${label ? `${label} ` : ""}${text}`;
  return h(
    "li",
    { class: `chip ${kind}${negated ? " negated" : ""}` },
    picture ? h("img", { src: picture, alt: "" }) : null,
    negated ? h("span", { class: "chip-kind" }, t("chips.not")) : null,
    label ? h("span", { class: "chip-kind" }, label) : null,
    h("span", { class: "chip-text" }, text),
    h(
      "button",
      {
        type: "button",
        "aria-label": t("chips.remove", { what: told }),
        onclick: (event) => {
          remember(event);
          remove();
        },
      },
      icon("close"),
    ),
  );
}

let leaving = null; // The place of the chip that was taken away and had the focus.

function remember({ target }) {
  const chips = [...byId("chips").querySelectorAll("button")];
  leaving = Math.max(chips.indexOf(target.closest("button")), 0);
}

/** The focus goes to the chip that came into the place, or to the search box. */
function restoreFocus(settled) {
  if (leaving === null) return;
  const chips = [...byId("chips").querySelectorAll(".chip button")];
  (chips[Math.min(leaving, chips.length - 1)] ?? byId("q")).focus();
  if (settled) leaving = null;
}

/** Show the chips of a search; `go(changes)` is called with what a removal changes. */
export function showChips(search, state, go) {
  const plan = search?.first?.plan;
  const chips = [
    ...pictureChips(search, state, go),
    ...queryChips(plan, state, go),
    ...filterChips(state, go),
  ];
  if (chips.length > 1) {
    const clear = () => go(CLEARED);
    chips.push(
      h(
        "li",
        { class: "chip-end" },
        h("button", { type: "button", class: "link", onclick: clear }, t("chips.clear")),
      ),
    );
  }
  fill(byId("chips"), chips);
  byId("asked").hidden = !chips.length && byId("meant").hidden;
  restoreFocus(Boolean(plan) || !chips.length);
}

function pictureChips(search, state, go) {
  const chips = [];
  if (state.picture) {
    const lost = search && !search.picture;
    chips.push(
      chip({
        kind: "picture",
        label: t("chips.picture"),
        text: lost ? t("chips.lost_picture") : (search?.picture?.name ?? ""),
        picture: search?.picture?.url,
        remove: () => go({ picture: "" }),
      }),
    );
  }
  if (state.like) {
    chips.push(
      chip({
        kind: "picture",
        label: t("chips.like"),
        text: state.like,
        remove: () => go({ like: "" }),
        picture: address(`thumbnails/${inPath(state.like)}`, { archive: state.archive }),
      }),
    );
  }
  return chips;
}

/** The query's parts; until the server has told them, the query as it was typed. */
function queryChips(plan, state, go) {
  if (!plan)
    return state.q ? [chip({ kind: "words", text: state.q, remove: () => go({ q: "" }) })] : [];
  const { parts, typed } = plan.understood;
  return parts.flatMap((part) => {
    const split = part.kind === "words" && !part.negated ? byNames(part, typed, plan.names) : [];
    return split.length ? split.map((each) => partChip(each, go)) : [partChip(part, go)];
  });
}

function partChip(part, go) {
  const { kind, negated } = part;
  const shown =
    {
      words: () => [part.named ? t("chips.name") : "", part.text],
      phrase: () => [t("chips.phrase"), `“${part.value ?? part.text}”`],
      field: () => [fieldName(part.field), part.value],
      date: () => [t("chips.date"), span(part.value)],
      has: () => [t("chips.has"), fieldName(part.value)],
      is: () => [t("chips.is"), shapeName(part.value)],
      place: () => [t("chips.place"), part.value ?? part.text],
      group: () => [t("chips.group"), part.text],
    }[kind] ?? (() => ["", part.text]);
  const [label, text] = shown();
  return chip({
    kind: part.named ? "name" : kind,
    label,
    text: text ?? part.text,
    negated,
    remove: () => go({ q: part.without }),
  });
}

/**
 * A run of words cut at the names in it, each piece with the query without it. Places are counted
 * in characters as the server counts them (code points).
 */
function byNames(part, typed, names) {
  const letters = [...typed];
  const text = letters.slice(part.start, part.end).join("");
  const found = names
    .map((name) => ({ at: text.indexOf(name.typed), length: name.typed.length }))
    .filter(({ at }) => at >= 0)
    .sort((one, other) => one.at - other.at);
  if (!found.length) return [];
  const before = letters.slice(0, part.start).join("");
  const after = letters.slice(part.end).join("");
  const piece = (from, to, named) => ({
    kind: "words",
    negated: false,
    named,
    text: text.slice(from, to).trim(),
    without: `${before} ${text.slice(0, from)} ${text.slice(to)} ${after}`
      .replace(/\s+/g, " ")
      .trim(),
  });
  const pieces = [];
  let end = 0;
  for (const { at, length } of found) {
    if (at < end) continue;
    pieces.push(piece(end, at, false), piece(at, at + length, true));
    end = at + length;
  }
  pieces.push(piece(end, text.length, false));
  return pieces.filter((each) => /[\p{L}\p{N}]/u.test(each.text));
}

/** `1942-06-01..1942-06-30` as people read it. */
function span(value) {
  const [from, to] = (value ?? "").split("..");
  if (to === undefined) return value;
  const whole = /^(\d{4})-01-01$/.exec(from);
  if (whole && to === `${whole[1]}-12-31`) return whole[1];
  return from === to ? date(from) : `${date(from)} – ${date(to)}`;
}

function filterChips(state, go) {
  const chips = state.filter.map((text) => {
    const { field, value, exclude } = clauseOf(text);
    return chip({
      kind: "field",
      label: fieldName(field),
      text: valueName(field, value),
      negated: exclude,
      remove: () => go({ filter: state.filter.filter((each) => each !== text) }),
    });
  });
  if (state.since || state.until) {
    const same = state.since === state.until;
    chips.push(
      chip({
        kind: "date",
        label: t("chips.date"),
        text: same ? date(state.since) : `${date(state.since)} – ${date(state.until)}`,
        remove: () => go({ since: "", until: "" }),
      }),
    );
  }
  return chips;
}

/** Did you mean: each suggestion in the place of the word that was typed. */
export function showMeant(search, go) {
  const plan = search?.first?.plan;
  const found = plan?.suggestions ?? [];
  fill(
    byId("meant"),
    found.length
      ? [
          `${t("chips.meant")} `,
          ...found.flatMap((each, at) => [at ? ", " : null, meantButton(each, plan, go)]),
          "?",
        ]
      : [],
  );
}

/** What else was understood or not; suggestions are told apart. */
export function showNotes(search) {
  const notes = search?.first?.plan.notes ?? [];
  fill(
    byId("notes"),
    notes
      .filter(({ kind }) => kind !== "meant" && kind !== "meant_too")
      .flatMap(({ kind, text, values }) => [
        said(`notes.${kind}`, values) ?? h("span", { lang: "en" }, text),
        " ",
      ]),
  );
}

/** A button that asks again with the word in place of the typed one. */
export function meantButton(suggestion, plan, go) {
  const q = plan.understood.typed.replace(suggestion.typed, suggestion.text);
  return h(
    "button",
    { type: "button", class: "link", onclick: () => go({ q }) },
    q.length <= LONGEST_MEANT ? q : suggestion.text,
  );
}

/** How many conditions were clicked, for the button of the filters. */
export const conditionCount = (state) =>
  narrows(state) ? state.filter.length + (state.since || state.until ? 1 : 0) : 0;
