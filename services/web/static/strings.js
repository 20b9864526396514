// The page's strings in the reader's language; a plural is chosen by `count`.

const strings = JSON.parse(document.getElementById("strings").textContent);

export const language = document.documentElement.lang;

const plural = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);
const days = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
const months = new Intl.DateTimeFormat(language, {
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});

/** A part of the strings as it is: a table. Undefined where there is none. */
export const table = (path) => path.split(".").reduce((at, name) => at?.[name], strings);

/** What stands at `a.b` in the strings; `{names}` are replaced. */
export function t(path, given = {}) {
  let found = table(path);
  if (found === undefined) return path;
  if (typeof found === "object" && "other" in found) {
    found = found[plural.select(given.count)] ?? found.other;
  }
  return found.replace(/\{(\w+)\}/g, (_, name) => told(given[name]));
}

/** What the server says, in the reader's language; null where that is the server's own, English. */
export const said = (path, given) =>
  table(`server.${path}`) === undefined ? null : t(`server.${path}`, given);

/** A picture's shape, as `is:` takes it. */
export const shapeName = (name) => strings.shapes[name] ?? name;

/** A field's value; the archive's own words stay as they are. */
export const valueName = (field, value) => (field === "orientation" ? shapeName(value) : value);

/** The name of a field; one that the strings lack is shown as the archive calls it. */
export const fieldName = (name) => strings.fields[name] ?? name.replaceAll("_", " ");

function told(value) {
  if (Array.isArray(value)) return value.map((word) => `“${word}”`).join(", ");
  return typeof value === "number" ? numbers.format(value) : String(value ?? "");
}

export const number = (value) => numbers.format(value);

/** A date that may be partial, as people read it. */
export function date(value) {
  const whole = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(value?.slice(0, 10) ?? "");
  if (!whole) return value ?? "";
  const [, year, month, day] = whole;
  const at = new Date(Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1)));
  if (day) return days.format(at);
  return month ? months.format(at) : String(Number(year));
}
