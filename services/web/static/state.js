// What is asked and what is open: all of it stands in the address.

export const NOTHING = Object.freeze({
  archive: "",
  q: "",
  filter: [],
  since: "",
  until: "",
  order: "relevance",
  fold: false,
  like: "",
  picture: "",
  asset: "",
  n: 0,
});

/** What changes when everything that was asked for is taken away. */
export const CLEARED = Object.freeze({
  q: "",
  filter: [],
  since: "",
  until: "",
  like: "",
  picture: "",
});

/** The state that an address holds. */
export function stateOf(search) {
  const given = new URLSearchParams(search);
  const text = (name) => given.get(name) ?? "";
  const order = ["newest", "oldest"].includes(text("order")) ? text("order") : "relevance";
  return {
    archive: text("archive"),
    q: text("q").trim(),
    filter: given.getAll("filter").filter((x) => x.includes("=")),
    since: text("since"),
    until: text("until"),
    order,
    fold: text("fold") === "true",
    like: text("like"),
    picture: text("picture"),
    asset: text("asset"),
    n: Math.min(Math.max(Number.parseInt(text("n"), 10) || 0, 0), 1000),
  };
}

/** The address of a state: what is not asked for is left out. */
export function linkOf(state) {
  const given = new URLSearchParams();
  for (const name of [
    "archive",
    "q",
    "filter",
    "since",
    "until",
    "order",
    "fold",
    "like",
    "picture",
    "asset",
    "n",
  ]) {
    const value = state[name];
    if (Array.isArray(value)) value.forEach((each) => given.append(name, each));
    else if (value && value !== NOTHING[name]) given.set(name, value);
  }
  const text = given.toString();
  return text ? `/?${text}` : "/";
}

/** The same for states that ask the same: what is open and how far it was read do not count. */
export const searchKey = (state) => linkOf({ ...state, asset: "", n: 0 });

/** Whether anything is asked for: words, a picture, or conditions. */
export const asks = (state) => Boolean(state.q || state.like || state.picture || narrows(state));

export const narrows = (state) => Boolean(state.filter.length || state.since || state.until);

/** `field=value` and `field!=value` taken apart. */
export function clauseOf(text) {
  const [name, ...rest] = text.split("=");
  const exclude = name.endsWith("!");
  return { field: exclude ? name.slice(0, -1) : name, value: rest.join("="), exclude, text };
}

const LETTERS = { đ: "d", ø: "o", ł: "l", ı: "i", æ: "ae", œ: "oe", ð: "d" };

/** A value as the server compares it: no case, no accents, single spaces. */
export const folded = (value) =>
  value
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[đøłıæœð]/g, (letter) => LETTERS[letter])
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .normalize("NFC")
    .trim()
    .split(/\s+/)
    .join(" ");

/** Whether two clauses speak of the same value of the same field; one may exclude it. */
export function sameValue(one, other) {
  const [a, b] = [clauseOf(one), clauseOf(other)];
  return a.field === b.field && folded(a.value) === folded(b.value);
}

/** The conditions as the API's searches take them: values of one field are alternatives. */
export function conditionsOf(state) {
  const wanted = new Map();
  const found = [];
  for (const { field, value, exclude } of state.filter.map(clauseOf)) {
    if (exclude) found.push({ field, any_of: [value], exclude: true });
    else wanted.set(field, [...(wanted.get(field) ?? []), value]);
  }
  for (const [field, any_of] of wanted) found.push({ field, any_of });
  if (state.since || state.until) {
    found.push({ since: state.since || null, until: state.until || null });
  }
  return found;
}

/** The state with a clause added or taken away. */
export function toggled(state, clause) {
  const there = state.filter.some(
    (each) => sameValue(each, clause) && clauseOf(each).exclude === clauseOf(clause).exclude,
  );
  const others = state.filter.filter((each) => !sameValue(each, clause));
  return { filter: there ? others : [...others, clause] };
}
