// Per-query differences: one bar a query, sorted; a slider for hands and screen readers.
const chart = { rows: [], at: 0, frame: null, cursor: null, readout: null, tally: null };

function buildDifferences() {
  chart.readout = element("p", { class: "readout", "aria-live": "off" });
  chart.tally = element("p", { class: "tally" });
  chart.frame = element("div", {
    class: "bars-frame", role: "slider", tabindex: "0", "aria-label": "Queries by difference",
    "aria-valuemin": "1",
  });
  byId("difference-chart").append(chart.tally, chart.frame, chart.readout);
  chart.frame.addEventListener("pointermove", (event) => pointAt(rowUnder(event)));
  chart.frame.addEventListener("click", (event) => {
    pointAt(rowUnder(event));
    // A finger cannot aim at one bar of hundreds: it points, and the link opens.
    if (event.pointerType !== "touch") openQuery(chart.rows[chart.at]);
  });
  chart.frame.addEventListener("keydown", moveByKey);
}

function drawDifferences() {
  chart.rows = ofClass().sort((one, other) => differenceOf(other) - differenceOf(one));
  const count = chart.rows.length;
  const values = chart.rows.map(differenceOf);
  const reach = Math.max(0.1, ...values.map(Math.abs));
  const top = Math.ceil(reach * 10 - 1e-9) / 10;
  const drawn = element("svg:svg", { class: "bars", "aria-hidden": "true" });
  for (const tick of [-top, -top / 2, 0, top / 2, top]) {
    const y = `${50 - (50 * tick) / top}%`;
    drawn.append(
      element("svg:line", { class: tick ? "grid" : "zero", x1: 0, x2: "100%", y1: y, y2: y }),
      element("svg:text", { x: -8, y, dy: 4 }, fixed(tick, 2)),
    );
  }
  chart.cursor = element("svg:rect", { class: "at", y: 0, height: "100%", width: `${100 / count}%` });
  drawn.append(chart.cursor);
  values.forEach((value, index) => drawn.append(bar(value, index, count, top)));
  drawn.append(side(chosen.first, "100%", 14, "side"), side(chosen.second, "1%", "100%", "side left"));
  chart.frame.replaceChildren(drawn);
  chart.frame.setAttribute("aria-valuemax", count);
  tellTally(values);
  pointAt(0);
}

// Which system is better above the line, and which below it.
function side(system, x, y, kind) {
  const above = system === chosen.first && kind === "side";
  return element("svg:text", { class: `${kind} s${markOf(system)}`, x, y, dy: above ? 0 : -6 },
    `${above ? "▲" : "▼"} ${nameOf(system)} better`);
}

function bar(value, index, count, top) {
  const height = (50 * Math.abs(value)) / top;
  return element("svg:rect", {
    class: `bar s${markOf(value < 0 ? chosen.second : chosen.first)}`,
    x: `${((index + 0.1) * 100) / count}%`, width: `${80 / count}%`,
    y: `${value < 0 ? 50 : 50 - height}%`, height: `${height}%`,
  });
}

function tellTally(values) {
  const wins = values.filter((value) => value > 0).length;
  const losses = values.filter((value) => value < 0).length;
  const ties = values.length - wins - losses;
  const better = `${nameOf(chosen.first)} is better on ${wins}`;
  chart.tally.textContent = `${better}, equal on ${ties}, worse on ${losses} of ` +
    `${plural(values.length, "query", "queries")} (${data.measures[chosen.measure]}).`;
}

function rowUnder(event) {
  const box = chart.frame.querySelector("svg").getBoundingClientRect();
  return Math.floor(((event.clientX - box.left) / box.width) * chart.rows.length);
}

function pointAt(index) {
  const count = chart.rows.length;
  if (!count) return;
  chart.at = Math.min(count - 1, Math.max(0, index));
  const query = chart.rows[chart.at];
  chart.cursor.setAttribute("x", `${(chart.at * 100) / count}%`);
  const scores = [chosen.first, chosen.second]
    .map((system) => `${nameOf(system)} ${fixed(scoreOf(query, system))}`).join(", ");
  const told = `${scores}: ${signed(differenceOf(query))}. `;
  const link = element("a", { href: addressOf(query) }, "Open this query");
  chart.readout.replaceChildren(element("q", {}, query.text), ` ${told}`, link);
  chart.frame.setAttribute("aria-valuenow", chart.at + 1);
  chart.frame.setAttribute("aria-valuetext", `${query.text}: ${told}`);
}

const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: 10, PageUp: -10 };

function moveByKey(event) {
  const { key } = event;
  if (key in STEPS) pointAt(chart.at + STEPS[key]);
  else if (key === "Home") pointAt(0);
  else if (key === "End") pointAt(chart.rows.length - 1);
  else if (key === "Enter") openQuery(chart.rows[chart.at]);
  else return;
  event.preventDefault();
}

buildDifferences();
listeners.push(drawDifferences);
