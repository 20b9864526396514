// Pictures by year or decade; a span is chosen by drawing over the bars, or with two sliders.

import { byId, fill, h } from "./dom.js";
import { t } from "./strings.js";

const LOWEST = 4; // Per cent of the height that a bar with any picture has.

/** Show the histogram; `go(changes)` is called with the chosen span. */
export function showYears(bars, state, go) {
  const host = byId("years");
  if (bars.length < 2) {
    fill(host);
    return;
  }
  const focused = host.contains(document.activeElement) ? document.activeElement.name : null;
  const most = Math.max(...bars.map((bar) => bar.count));
  const choice = new Choice(bars, state, go);
  const drawn = bars.map((bar, at) => {
    const made = h("span", { class: "year", data: { at } });
    made.style.setProperty("--share", bar.count ? Math.max((bar.count / most) * 100, LOWEST) : 0);
    return made;
  });
  const plot = h("div", { class: "plot", "aria-hidden": "true" }, drawn);
  choice.attach(plot, drawn);
  const frame = h("div", { class: "plot-frame" }, plot, choice.sliders());
  frame.style.setProperty("--bars", bars.length);
  fill(
    host,
    h("h3", {}, t("fields.date")),
    frame,
    h(
      "p",
      { class: "ends-of-time" },
      h("span", {}, String(bars[0].first)),
      choice.told,
      h("span", {}, String(bars.at(-1).last)),
    ),
  );
  choice.draw();
  if (focused) host.querySelector(`[name=${focused}]`)?.focus();
}

class Choice {
  told = h("output", { class: "span-told" });
  #bars;
  #go;
  #from;
  #to;
  #drawn = [];
  #inputs = [];
  #chosen;

  constructor(bars, state, go) {
    this.#bars = bars;
    this.#go = go;
    const last = bars.length - 1;
    const year = (text) => Number.parseInt(text, 10);
    const at = (wanted) =>
      Math.min(
        Math.max(
          bars.findIndex((bar) => bar.last >= wanted),
          0,
        ),
        last,
      );
    this.#from = state.since ? at(year(state.since)) : 0;
    this.#to = state.until
      ? year(state.until) > bars[last].last
        ? last
        : at(year(state.until))
      : last;
    this.#chosen = Boolean(state.since || state.until);
  }

  /** Draw a span with the pointer; one bar alone is a click. */
  attach(plot, drawn) {
    this.#drawn = drawn;
    let anchor = null;
    const under = (event) => {
      const { left, width } = plot.getBoundingClientRect();
      const at = Math.floor(((event.clientX - left) / width) * drawn.length);
      return Math.min(Math.max(at, 0), drawn.length - 1);
    };
    plot.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      plot.setPointerCapture(event.pointerId);
      anchor = under(event);
      this.#set(anchor, anchor);
    });
    plot.addEventListener("pointermove", (event) => {
      const at = under(event);
      if (anchor !== null) this.#set(Math.min(anchor, at), Math.max(anchor, at));
      else this.#tell(at, at);
    });
    plot.addEventListener("pointerup", () => {
      if (anchor !== null) this.#commit();
      anchor = null;
    });
    plot.addEventListener("pointerleave", () => anchor === null && this.draw());
  }

  sliders() {
    this.#inputs = ["from", "to"].map((name) =>
      h("input", {
        type: "range",
        name,
        min: 0,
        max: this.#bars.length - 1,
        step: 1,
        "aria-label": t(`years.${name}`),
        oninput: ({ target }) => this.#slid(name, Number(target.value)),
        onchange: () => this.#commit(),
      }),
    );
    return this.#inputs;
  }

  #slid(name, at) {
    if (name === "from") this.#set(Math.min(at, this.#to), this.#to);
    else this.#set(this.#from, Math.max(at, this.#from));
  }

  #set(from, to) {
    [this.#from, this.#to] = [from, to];
    this.#chosen = true;
    this.draw();
  }

  /** Show what is chosen. */
  draw() {
    this.#drawn.forEach((bar, at) =>
      bar.classList.toggle("in", at >= this.#from && at <= this.#to),
    );
    [this.#from, this.#to].forEach((at, place) => {
      const input = this.#inputs[place];
      if (!input) return;
      input.value = at;
      input.setAttribute(
        "aria-valuetext",
        String(place ? this.#bars[at].last : this.#bars[at].first),
      );
    });
    this.#tell(this.#from, this.#to);
  }

  #tell(from, to) {
    const count = this.#bars.slice(from, to + 1).reduce((sum, bar) => sum + bar.count, 0);
    const [first, last] = [this.#bars[from].first, this.#bars[to].last];
    const span = first === last ? String(first) : `${first}–${last}`;
    this.told.replaceChildren(t("years.value", { span, count }));
    if (this.#chosen) {
      this.told.append(
        " ",
        h(
          "button",
          {
            type: "button",
            class: "link",
            onclick: () => this.#go({ since: "", until: "" }),
          },
          t("years.all"),
        ),
      );
    }
  }

  #commit() {
    const all = this.#from === 0 && this.#to === this.#bars.length - 1;
    const [first, last] = [this.#bars[this.#from].first, this.#bars[this.#to].last];
    const written = (year) => String(year).padStart(4, "0");
    this.#go(all ? { since: "", until: "" } : { since: written(first), until: written(last) });
  }
}
