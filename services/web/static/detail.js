// One picture in full: rights, words, reasons, and what looks like it.

import { alike } from "./alike.js";
import { address, ask, inPath, Problem } from "./api.js";
import { copy } from "./clipboard.js";
import { byId, fill, h, icon } from "./dom.js";
import { about, creditLine, further, rights } from "./fields.js";
import { marked } from "./marks.js";
import { toldProblem } from "./messages.js";
import { stage } from "./stage.js";
import { CLEARED, linkOf } from "./state.js";
import { t } from "./strings.js";
import { titleOf } from "./tile.js";
import { longWhy } from "./why.js";

const ALIKE = 24;

export class Detail {
  #dialog = byId("detail");
  #page;
  #lettersOn;
  #asked = null;
  #asset = null;
  #hit = null;

  constructor(page, lettersOn) {
    this.#page = page;
    this.#lettersOn = lettersOn;
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      page.closed();
    });
    this.#dialog.addEventListener(
      "click",
      (event) => event.target === this.#dialog && page.closed(),
    );
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
  }

  get open() {
    return this.#dialog.open;
  }

  /** Whether the asset shown is one of the hits, with reasons and neighbours. */
  get placed() {
    return this.#hit !== null;
  }

  /** The id of the asset that was shown last. */
  get asset() {
    return this.#asset?.id;
  }

  /** Show an asset: from the hits where it is among them, else from the archive. */
  async show(id) {
    this.#asked?.abort();
    this.#asked = new AbortController();
    const { signal } = this.#asked;
    const { search } = this.#page;
    this.#hit = search?.hits[search.places.get(id)] ?? null;
    this.#asset = this.#hit?.asset ?? null;
    if (this.#asset) this.#draw();
    else
      fill(this.#dialog, this.#closing(), h("p", { class: "quiet waiting" }, t("count.loading")));
    if (!this.#dialog.open) this.#dialog.showModal();
    try {
      if (!this.#asset) {
        this.#asset = await ask(this.#address("assets", id), { signal });
        this.#draw();
      }
      await this.#drawAlike(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      this.#tell(error);
    }
  }

  close() {
    this.#asked?.abort();
    this.#dialog.close();
  }

  #address(kind, id, query = {}) {
    return address(`${kind}/${inPath(id)}`, { archive: this.#page.state.archive, ...query });
  }

  #tell(problem) {
    const told = h("div", { class: "message wrong", role: "alert" }, toldProblem(problem));
    if (this.#asset) this.#dialog.querySelector(".alike")?.replaceChildren(told);
    else fill(this.#dialog, this.#closing(), told);
  }

  #draw() {
    const asset = this.#asset;
    const words = this.#hit?.why.words ?? [];
    const { state, search } = this.#page;
    const link = (field, value) =>
      linkOf({ archive: state.archive, filter: [`${field}=${value}`], order: "relevance" });
    const shown = { words, link };
    const info = h(
      "div",
      { class: "info", tabindex: 0, role: "region", "aria-label": t("detail.about") },
      h(
        "h2",
        { id: "detail-title", class: asset.headline ? null : "caption-title" },
        marked(titleOf(asset), words),
      ),
      asset.headline && asset.caption
        ? h("p", { class: "caption" }, marked(asset.caption, words))
        : null,
      this.#actions(),
      h(
        "section",
        { class: "rights" },
        h("h3", {}, t("detail.rights")),
        h("dl", {}, rights(asset, shown)),
      ),
      this.#hit ? h("section", { class: "reasons" }, longWhy(this.#hit, search.first.plan)) : null,
      h("section", {}, h("h3", {}, t("detail.about")), h("dl", {}, about(asset, shown))),
      Object.keys(asset.extra).length
        ? h("section", {}, h("h3", {}, t("detail.further")), h("dl", {}, further(asset)))
        : null,
      h("section", { class: "alike" }),
    );
    const shownAt = stage(asset, this.#place(), (by) => this.#page.step(by));
    fill(this.#dialog, this.#closing(), shownAt, info);
    info.addEventListener("click", (event) => this.#followed(event));
    this.#dialog.scrollTop = 0;
    info.focus({ preventScroll: true });
  }

  #closing() {
    return h(
      "button",
      {
        type: "button",
        class: "plain close",
        "aria-label": t("close"),
        onclick: () => this.#page.closed(),
      },
      icon("close"),
    );
  }

  /** Where the asset is among the hits. */
  #place() {
    const { search } = this.#page;
    const at = search?.places.get(this.#asset.id);
    return at === undefined ? null : { at, count: search.hits.length, more: search.more };
  }

  #actions() {
    const asset = this.#asset;
    const button = (name, label, work, able = true) =>
      h(
        "button",
        { type: "button", class: "button", disabled: !able, onclick: work },
        icon(name),
        t(`detail.${label}`),
      );
    return h(
      "p",
      { class: "actions" },
      button(
        "copy",
        "copy_caption",
        () => this.#copyCaption(),
        Boolean(asset.caption || asset.headline),
      ),
      button("copy", "copy_credit", () => this.#copyCredit(), Boolean(creditLine(asset))),
      button("link", "copy_link", () => this.#copyLink()),
      button("likeness", "similar", () => this.#similar(), Boolean(asset.links.similar)),
      /^https?:/.test(asset.uri ?? "")
        ? h(
            "a",
            { class: "button", href: asset.uri, target: "_blank", rel: "noreferrer noopener" },
            icon("external"),
            t("detail.original"),
          )
        : null,
    );
  }

  #copyCaption() {
    copy(this.#asset.caption || this.#asset.headline, this.#dialog);
  }

  #copyCredit() {
    copy(creditLine(this.#asset), this.#dialog);
  }

  #copyLink() {
    copy(new URL(linkOf({ ...this.#page.state, n: 0 }), location.href).href, this.#dialog);
  }

  #similar() {
    this.#page.go({ ...CLEARED, like: this.#asset.id, asset: "", order: "relevance" });
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      this.#page.step(event.key === "ArrowRight" ? 1 : -1);
      return;
    }
    const work = {
      c: () => this.#copyCaption(),
      r: () => this.#copyCredit(),
      l: () => this.#copyLink(),
      s: () => this.#similar(),
    };
    if (this.#asset && this.#lettersOn() && work[event.key]) {
      event.preventDefault();
      work[event.key]();
    }
  }

  /** A value leads to a search, without the page being loaded again. */
  #followed(event) {
    const link = event.target.closest("a.value-link");
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.#page.follow(link.href);
  }

  async #drawAlike(signal) {
    const host = this.#dialog.querySelector(".alike");
    if (!this.#asset.links.similar) return;
    const answer = await ask(
      this.#address("similar", this.#asset.id, { limit: ALIKE, pages: "false" }),
      { signal },
    );
    if (signal.aborted) return;
    const { state } = this.#page;
    const links = {
      href: (id) => linkOf({ ...state, asset: id }),
      open: (id) => this.#page.go({ asset: id }),
    };
    fill(host, alike(answer, links));
  }
}
