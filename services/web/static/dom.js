// Elements from values: text is always a text node, so nothing typed can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element. `props` holds attributes, `class`, `data` and listeners (`onclick`). */
export function h(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(made.dataset, value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  append(made, children);
  return made;
}

function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false && child !== "")
      parent.append(child);
  }
}

/** One of the page's symbols. */
export function icon(name) {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  made.append(use);
  return made;
}

export const byId = (id) => document.getElementById(id);

/** Put children in place of what is there, and show the element if there are any. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  element.hidden = !element.hasChildNodes();
}

/** A function that runs once its calls have paused for so many milliseconds. */
export function paused(milliseconds, work) {
  let timer = 0;
  const later = (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), milliseconds);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

/** Whether a key goes to something that takes text. */
export function takesText(target) {
  return target.matches?.(
    "input:not([type=checkbox], [type=radio], [type=range]), textarea, select",
  );
}
