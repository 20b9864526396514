// The page's parts, put together.

import { onKeyNeeded } from "./api.js";
import * as controls from "./controls.js";
import { Detail } from "./detail.js";
import { byId } from "./dom.js";
import { Grid } from "./grid.js";
import { askForKey } from "./key.js";
import * as keyboard from "./keyboard.js";
import { Page } from "./page.js";
import * as receiving from "./receiving.js";
import { Results } from "./results.js";
import * as settings from "./settings.js";
import { linkOf, stateOf } from "./state.js";
import { Suggestions } from "./suggest.js";

const page = new Page();
const grid = new Grid(byId("grid"), {
  href: (asset) => linkOf({ ...page.state, asset: asset.id, n: 0 }),
  open: (asset) => page.open(asset),
  wantMore: () => results.readMore(),
});
const results = new Results(page, grid);
const detail = new Detail(page, keyboard.lettersOn);
const suggestions = new Suggestions({
  archive: () => page.state.archive,
  go: (q) => page.go({ q }),
});

/** The focus goes to the tile of the picture that was open last. */
function closeDetail() {
  const last = detail.asset;
  detail.close();
  if (!grid.focus(last)) byId("results").focus({ preventScroll: true });
}

function start() {
  history.scrollRestoration = "manual";
  page.parts = { results, detail, closeDetail, draw: controls.draw };
  onKeyNeeded(askForKey);
  controls.listen(page, suggestions);
  settings.listen((name) => name === "size" && grid.layout());
  receiving.listen((id) => page.go({ picture: id, like: "" }));
  keyboard.listen({
    "/": () => byId("q").select(),
    f: controls.toFilters,
    Escape: () => grid.focus(),
    ArrowRight: () => grid.focus(),
  });
  addEventListener("popstate", ({ state }) => page.apply(stateOf(location.search), state?.y ?? 0));
  controls.listArchives(page).catch((error) => console.warn(error.message));
  page.apply(stateOf(location.search), history.state?.y ?? null);
}

start();
