// Matched words in a text. Which words match is the server's to say: it knows their inflections.

const words = new Intl.Segmenter(undefined, { granularity: "word" });
const APOSTROPHES = /[\u2019\u02bc\uff07]/g;

/** A word as the server tells it: composed, with a plain apostrophe. */
const compared = (word) => word.normalize("NFKC").replace(APOSTROPHES, "'");

/** The text as nodes, its matching words in <mark>. */
export function marked(text, matching) {
  if (!matching?.length) return [text];
  const wanted = new Set(matching);
  const nodes = [];
  let plain = "";
  for (const { segment } of words.segment(text)) {
    if (!wanted.has(compared(segment))) {
      plain += segment;
      continue;
    }
    if (plain) nodes.push(plain);
    plain = "";
    const mark = document.createElement("mark");
    mark.textContent = segment;
    nodes.push(mark);
  }
  return plain ? [...nodes, plain] : nodes;
}

/** The part of a long text that shows its first matching word. */
export function excerpt(text, matching, length = 150) {
  if (text.length <= length || !matching?.length) return text;
  const wanted = new Set(matching);
  for (const { segment, index } of words.segment(text)) {
    if (!wanted.has(compared(segment))) continue;
    if (index < length * 0.6) return text;
    const from = text.lastIndexOf(" ", index - 30) + 1;
    return `… ${text.slice(from)}`;
  }
  return text;
}
