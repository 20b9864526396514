// The queries: a line each, and inside it, drawn when it is first opened, the systems' tops
// side by side.
const ASSET = { id: 0, title: 1, caption: 2, picture: 3 };
const opened = new Set();
let pictures = null;

// What the page is about stands in sight even where not all columns fit.
const byImportance = [...data.systems.keys()].sort((one, other) => markOf(one) - markOf(other));

const addressOf = (query) => `#q-${encodeURIComponent(query.id)}`;

// The pictures are most of the page's bytes; they are read when the first query is opened.
function pictureOf(asset) {
  pictures ??= JSON.parse(byId("pictures").textContent);
  const found = pictures[data.assets[asset][ASSET.picture]];
  return found ? `data:image/webp;base64,${found}` : null;
}

const ORDERS = {
  down: (one, other) => differenceOf(other) - differenceOf(one),
  up: (one, other) => differenceOf(one) - differenceOf(other),
  low: (one, other) => scoreOf(one, chosen.first) - scoreOf(other, chosen.first),
  file: () => 0,
};

function drawQueries() {
  const asked = byId("filter").value.trim().toLowerCase();
  const found = ofClass()
    .filter((query) => `${query.text} ${query.id}`.toLowerCase().includes(asked))
    .sort(ORDERS[byId("sort").value]);
  byId("count").textContent = plural(found.length, "query", "queries");
  byId("query-list").replaceChildren(...found.map((query) => element("li", {}, line(query))));
}

function line(query) {
  const gap = differenceOf(query);
  const way = Math.abs(gap) < 5e-4 ? "same" : gap > 0 ? "up" : "down";
  const summary = element("summary", {},
    element("span", { class: "ask" }, query.text, element("span", { class: "kind" }, query.kind)),
    spread(query),
    element("span", { class: `gap ${way}`, title: `${nameOf(chosen.first)} minus ${nameOf(chosen.second)}` },
      signed(gap)));
  const drawn = element("details", { class: "query", id: `q-${query.id}` }, summary);
  drawn.addEventListener("toggle", () => {
    opened[drawn.open ? "add" : "delete"](query.id);
    if (drawn.open && drawn.childElementCount === 1) drawn.append(...inside(query));
  });
  if (opened.has(query.id)) drawn.open = true;
  return drawn;
}

// Every system's mark between 0 and 1.
function spread(query) {
  const told = data.systems.map(([name], index) => `${name} ${fixed(scoreOf(query, index))}`);
  const drawn = element("svg:svg", { class: "spread", role: "img", "aria-label": told.join(", ") },
    element("svg:title", {}, told.join("\n")),
    element("svg:line", { class: "grid", x1: "3%", x2: "97%", y1: "50%", y2: "50%" }));
  data.systems.forEach((_, index) => {
    const x = `${3 + 94 * Math.min(1, scoreOf(query, index))}%`;
    drawn.append(element("svg:use", { class: `s${markOf(index)}`, href: `#m${markOf(index)}`, x, y: "50%" }));
  });
  return drawn;
}

function inside(query) {
  const told = `${plural(query.relevant, "relevant picture", "relevant pictures")}` +
    (query.missed ? `, ${query.missed} of them in no system's first ${data.depth}` : "") +
    ` · query ${query.id}`;
  const columns = element("div", { class: "columns", role: "region", tabindex: "0",
    "aria-label": `Results for ${query.text}` });
  byImportance.forEach((system) => columns.append(column(query, system)));
  columns.addEventListener("pointerover", (event) => light(columns, event.target.closest(".card")));
  columns.addEventListener("pointerleave", () => light(columns, null));
  return [element("p", { class: "told" }, told), columns];
}

function column(query, system) {
  const top = query.tops[system];
  const good = top.filter(([, , grade]) => grade > 0).length;
  const head = element("header", { class: `s${markOf(system)}` }, badge(system),
    element("small", {}, `${data.measures[chosen.measure]} ${fixed(scoreOf(query, system))}`),
    element("small", {}, `${good} of ${top.length} relevant`));
  const list = element("ol", {}, ...top.map((entry, index) => card(query, entry, index + 1)));
  const body = top.length ? list : element("p", { class: "empty" }, "Answered with nothing.");
  return element("section", { class: "column", "aria-label": nameOf(system) }, head, body);
}

function card(query, [asset, score, grade], rank) {
  const [words, elsewhere] = query.words[asset] ?? [[], []];
  const row = data.assets[asset];
  const one = element("p", { class: "line-one" }, element("b", {}, `${rank}`), gradeOf(grade),
    element("span", { title: "score" }, short(score)));
  const text = element("div", { class: "words" }, one,
    element("p", { class: "title" }, ...withMarks(row[ASSET.title], words)));
  if (row[ASSET.caption])
    text.append(element("p", { class: "caption" }, ...withMarks(row[ASSET.caption], words)));
  if (elsewhere.length)
    text.append(element("p", { class: "also" }, `also in other fields: ${elsewhere.join(", ")}`));
  return element("li", { class: "card", "data-asset": asset, title: row[ASSET.id] }, shot(asset), text);
}

function shot(asset) {
  const source = pictureOf(asset);
  const image = source ? element("img", { src: source, alt: "", loading: "lazy" }) : "no picture";
  return element("div", { class: "shot" }, image);
}

function gradeOf(grade) {
  if (grade === null) return element("span", { class: "grade none", title: "not judged" }, "–");
  const kind = grade > 1 ? "grade high" : grade > 0 ? "grade" : "grade none";
  return element("span", { class: kind, title: `grade ${grade}` }, `${grade}`);
}

const short = (score) =>
  Math.abs(score) >= 100 || score === 0 ? `${Math.round(score)}` : Number(score.toPrecision(3)).toString();

// Splits at letters and digits, as the words to mark were cut.
function withMarks(text, words) {
  const wanted = new Set(words);
  return text.split(/([\p{L}\p{N}_]+)/u)
    .map((part) => (wanted.has(part) ? element("mark", {}, part) : part));
}

function light(columns, from) {
  for (const each of columns.querySelectorAll(".card"))
    each.classList.toggle("same", from !== null && each.dataset.asset === from.dataset.asset);
}

function openQuery(query) {
  if (!query) return;
  if (!byId(`q-${query.id}`)) showAll(query);
  const found = byId(`q-${query.id}`);
  found.open = true;
  history.replaceState(null, "", addressOf(query));
  found.scrollIntoView({ block: "start" });
  found.querySelector("summary").focus({ preventScroll: true });
}

// A query that the filter hides is asked for: the filter gives way.
function showAll(query) {
  byId("filter").value = "";
  if (!isAll(chosen.kind) && chosen.kind !== query.kind) {
    chosen.kind = query.kind;
    byId("class").value = query.kind;
  }
  redraw();
}

function openFromAddress() {
  const hash = location.hash;
  openQuery(data.queries.find((query) => addressOf(query) === hash));
}

byId("filter").addEventListener("input", drawQueries);
byId("sort").addEventListener("change", drawQueries);
window.addEventListener("hashchange", openFromAddress);
listeners.push(drawQueries);
start();
