// What is said where there are no pictures: welcome, nothing found, an error.

import { meantButton } from "./chips.js";
import { byId, fill, h, icon } from "./dom.js";
import { clauseOf, CLEARED } from "./state.js";
import { fieldName, t, valueName } from "./strings.js";

/** Say nothing. */
export const quiet = () => fill(byId("message"));

/** Example searches, made of the archive's own names. */
export function welcome(counts, { go, choose }) {
  const examples = counts ? examplesFrom(counts) : [];
  say("welcome", [
    h("h2", {}, t("welcome.title")),
    h("p", {}, t("welcome.about")),
    h(
      "ul",
      { class: "examples" },
      examples.map(({ label, text, changes }) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", onclick: () => go(changes ?? { q: text }) },
            h("span", { class: "note" }, t(`welcome.${label}`)),
            h("span", { class: "example" }, text),
          ),
        ),
      ),
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", onclick: choose },
          h("span", { class: "note" }, t("welcome.picture")),
          h("span", { class: "example" }, icon("picture"), t("welcome.picture_about")),
        ),
      ),
    ),
  ]);
}

function examplesFrom({ facets, years }) {
  const first = (...names) =>
    names.map((name) => facets.get(name)?.values[0]).find(Boolean)?.display;
  const person = first("people", "organisations", "event");
  const place = first("city", "region", "country");
  const creator = first("creator");
  const fullest = years.toSorted((one, other) => other.count - one.count)[0];
  return [
    person && { label: "person", text: person },
    place && { label: "scene", text: `${place} ${t("welcome.at_night")}` },
    creator && {
      label: "field",
      text: `by:${/\s/.test(creator) ? `"${creator.replaceAll('"', "")}"` : creator}`,
    },
    fullest && {
      label: "date",
      text: `date:${fullest.first === fullest.last ? fullest.first : `${fullest.first}-${fullest.last}`}`,
    },
  ].filter(Boolean);
}

/** The archive holds nothing yet. */
export const emptyArchive = () =>
  say("welcome", [h("h2", {}, t("welcome.empty")), h("p", {}, t("welcome.empty_remedy"))]);

/** Nothing passes: what may be taken away, what may have been meant. */
export function nothing(search, state, go) {
  const { parts } = search.first.plan.understood;
  const conditions = parts.filter((part) => part.kind !== "words" || part.negated);
  const takes = [
    ...conditions.map((part) => [
      `${part.negated ? `${t("chips.not")} ` : ""}${part.text}`,
      { q: part.without },
      true,
    ]),
    ...state.filter.map((text) => {
      const { field, value, exclude } = clauseOf(text);
      const told = `${exclude ? `${t("chips.not")} ` : ""}${fieldName(field)}: ${valueName(field, value)}`;
      return [told, { filter: state.filter.filter((each) => each !== text) }];
    }),
    ...(state.since || state.until
      ? [[`${state.since} – ${state.until}`, { since: "", until: "" }]]
      : []),
  ];
  const { plan } = search.first;
  say("nothing", [
    h("h2", {}, t("nothing.title")),
    takes.length ? h("p", {}, t("nothing.about")) : null,
    h(
      "p",
      { class: "takes" },
      takes.map(([told, changes]) =>
        h(
          "button",
          { type: "button", class: "button", onclick: () => go(changes) },
          icon("close"),
          told,
        ),
      ),
    ),
    plan.suggestions.length
      ? h(
          "p",
          {},
          `${t("nothing.meant")} `,
          plan.suggestions.map((each) => meantButton(each, plan, go)),
          "?",
        )
      : null,
    h(
      "p",
      {},
      h("button", { type: "button", class: "link", onclick: () => go(CLEARED) }, t("nothing.all")),
    ),
  ]);
}

/** What went wrong, and the way out. */
export const toldProblem = ({ title, detail, remedy, lang }) => [
  title ? h("p", { class: "what" }, title) : null,
  h("p", { lang, class: title ? null : "what" }, detail),
  h("p", { lang, class: "remedy" }, remedy),
];

/** An error in the place of the hits, and how whoever runs the server finds it. */
export function failed(problem, again) {
  say("wrong", [
    ...toldProblem(problem),
    h(
      "p",
      {},
      h("button", { type: "button", class: "button main", onclick: again }, t("error.again")),
    ),
    problem.id ? h("p", { class: "quiet" }, t("error.id", { id: problem.id })) : null,
  ]);
}

function say(kind, children) {
  const host = byId("message");
  host.className = `message ${kind}`;
  if (kind === "wrong") host.setAttribute("role", "alert");
  else host.removeAttribute("role");
  fill(host, children);
}
