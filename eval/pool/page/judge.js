"use strict";
// One picture at a time. A grade counts when the server has it on its disk; only then does the
// page move on.
const byId = (id) => document.getElementById(id);
let items = [];
let at = 0;
let saving = false;
const made = []; // What undo takes back: which item, and its grade before.

const judged = (item) => item.grade !== null;
const nextUnjudged = (from) => {
  const later = items.findIndex((item, index) => index > from && !judged(item));
  return later >= 0 ? later : items.findIndex((item) => !judged(item));
};

function show() {
  const item = items[at];
  byId("query").textContent = item.query || item.query_id;
  byId("title").textContent = item.title;
  byId("caption").textContent = item.caption === item.title ? "" : item.caption;
  showPicture(item);
  for (const button of byId("grades").children)
    button.setAttribute("aria-pressed", String(Number(button.dataset.grade) === item.grade));
  byId("back").disabled = at === 0;
  byId("forward").disabled = at === items.length - 1;
  byId("undo").disabled = !made.length;
  byId("next").disabled = nextUnjudged(at) < 0;
  showProgress(item);
}

function showPicture(item) {
  const picture = byId("picture");
  picture.hidden = !item.picture;
  byId("no-picture").hidden = item.picture;
  const address = `/picture/${encodeURIComponent(item.asset_id)}`;
  // The picture before must not stand there while this one is on its way.
  if (picture.getAttribute("src") !== address) picture.removeAttribute("src");
  if (item.picture) picture.src = address;
}

function showProgress(item) {
  const done = items.filter(judged).length;
  const own = items.filter((other) => other.query_id === item.query_id);
  byId("bar").max = items.length;
  byId("bar").value = done;
  byId("progress").textContent = `${done} of ${items.length} judged · this query: picture ` +
    `${own.indexOf(item) + 1} of ${own.length}`;
  byId("done").hidden = done < items.length;
  byId("done").textContent = "Everything is judged. You may look back, change a grade, or close the page.";
}

function move(to) {
  if (saving || to < 0 || to >= items.length) return;
  at = to;
  complain("");
  show();
}

async function save(item, grade) {
  saving = true;
  try {
    const answer = await fetch("/grade", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query_id: item.query_id, asset_id: item.asset_id, grade }),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    item.grade = grade;
    complain("");
    return true;
  } catch (error) {
    complain(`Not saved: ${error.message}`);
    return false;
  } finally {
    saving = false;
  }
}

async function judge(grade) {
  if (saving) return;
  const item = items[at];
  const before = item.grade;
  if (!(await save(item, grade))) return;
  made.push({ index: at, before });
  const next = nextUnjudged(at);
  if (next >= 0) at = next;
  show();
}

async function undo() {
  if (saving || !made.length) return;
  const { index, before } = made[made.length - 1];
  if (!(await save(items[index], before))) return;
  made.pop();
  at = index;
  show();
}

function complain(text) {
  byId("error").textContent = text;
  byId("error").hidden = !text;
}

const KEYS = {
  ArrowLeft: () => move(at - 1),
  ArrowRight: () => move(at + 1),
  u: undo,
  n: () => move(nextUnjudged(at)),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (/^[0-3]$/.test(event.key)) judge(Number(event.key));
  else if (Object.hasOwn(KEYS, event.key)) KEYS[event.key]();
  else return;
  event.preventDefault();
}

function buildGrades(meanings) {
  meanings.forEach((meaning, grade) => {
    const button = document.createElement("button");
    const number = document.createElement("b");
    number.textContent = grade;
    button.append(number, meaning);
    button.type = "button";
    button.dataset.grade = grade;
    button.addEventListener("click", () => judge(grade));
    byId("grades").append(button);
  });
}

async function start() {
  const pool = await (await fetch("/pool")).json();
  items = pool.items;
  at = Math.max(0, items.findIndex((item) => !judged(item)));
  buildGrades(pool.meanings);
  byId("back").addEventListener("click", KEYS.ArrowLeft);
  byId("forward").addEventListener("click", KEYS.ArrowRight);
  byId("undo").addEventListener("click", undo);
  byId("next").addEventListener("click", KEYS.n);
  byId("picture").addEventListener("error", () => {
    byId("picture").hidden = true;
    byId("no-picture").hidden = false;
  });
  document.addEventListener("keydown", pressed);
  show();
}

start().catch((error) => complain(`The pool cannot be read: ${error.message}`));
