"use strict";
// What is chosen on the page, and small means to draw. Text from archives only ever becomes
// text: nothing here parses HTML.
const data = JSON.parse(document.getElementById("details").textContent);
const byId = (id) => document.getElementById(id);
const chosen = {
  measure: Math.max(0, data.measures.indexOf(data.measure)),
  kind: data.classes[data.classes.length - 1],
  first: data.pair[0],
  second: data.pair[1],
};
const SVG = "http://www.w3.org/2000/svg";

function element(name, attributes = {}, ...children) {
  const made = name.startsWith("svg:")
    ? document.createElementNS(SVG, name.slice(4))
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const fixed = (value, digits = 3) => {
  const text = value.toFixed(digits).replace("-", "−");
  return Number(value.toFixed(digits)) === 0 ? text.replace("−", "") : text;
};
const signed = (value) => (Number(value.toFixed(3)) > 0 ? "+" : "") + fixed(value);
const plural = (count, one, more) => `${count} ${count === 1 ? one : more}`;
const scoreOf = (query, system) => query.scores[system][chosen.measure] ?? 0;
const differenceOf = (query) => scoreOf(query, chosen.first) - scoreOf(query, chosen.second);
const nameOf = (system) => data.systems[system]?.[0] ?? "";

const markOf = (system) => data.systems[system][1];

const isAll = (kind) => kind === "all" && data.classes.length > 1;
const ofClass = () =>
  data.queries.filter((query) => isAll(chosen.kind) || query.kind === chosen.kind);

function badge(system, size = 14) {
  const mark = markOf(system);
  const shape = element("svg:use", { href: `#m${mark}`, x: size / 2, y: size / 2 });
  const drawn = element("svg:svg", { width: size, height: size, "aria-hidden": "true" }, shape);
  return element("span", { class: `badge s${mark}` }, drawn, nameOf(system));
}

// Parts that carry a measure or a class are shown when it is chosen; without script all are.
function showChosen() {
  const measure = data.measures[chosen.measure];
  for (const section of document.querySelectorAll("main section")) {
    const parts = section.querySelectorAll("[data-measure]");
    let some = false;
    for (const part of parts) {
      part.hidden = part.dataset.measure !== measure;
      some ||= !part.hidden;
    }
    const none = section.querySelector("[data-no-measure]");
    if (none) none.hidden = some;
  }
  for (const part of document.querySelectorAll("#curves [data-class]"))
    part.hidden = part.dataset.class !== chosen.kind;
  for (const part of document.querySelectorAll("#comparisons [data-class]"))
    part.hidden = !isAll(chosen.kind) && part.dataset.class !== chosen.kind;
}

const listeners = [showChosen];
const redraw = () => listeners.forEach((listener) => listener());

function systemChoice(id, key) {
  const select = byId(id);
  data.systems.forEach(([name], index) => select.append(new Option(name, index)));
  select.value = chosen[key];
  select.addEventListener("change", () => {
    chosen[key] = Number(select.value);
    redraw();
  });
}

function start() {
  for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;
  systemChoice("first", "first");
  systemChoice("second", "second");
  byId("measure").addEventListener("change", (event) => {
    chosen.measure = event.target.selectedIndex;
    redraw();
  });
  byId("class").addEventListener("change", (event) => {
    chosen.kind = event.target.value;
    redraw();
  });
  redraw();
  openFromAddress();
}
