// Rows of pictures that fill the width, every picture in its own proportions. Numbers only.

const NARROWEST = 0.5;
const WIDEST = 3;

/** A picture's width over its height, within what a row can show; words alone get 4:3. */
export function proportion(asset) {
  if (!asset.width || !asset.height) return 4 / 3;
  return Math.min(Math.max(asset.width / asset.height, NARROWEST), WIDEST);
}

/**
 * Boxes for pictures in the given proportions.
 *
 * `breaks` are places before which a new row begins, below a line of `lineHeight`. Of the last row
 * only as much is stretched as looks right; where `open`, an unfinished last row is left out, for
 * more will come. Answers `{boxes, lines, height, rows}`: x, y, width, height (of the picture alone)
 * and row of each; the y of the line at each break.
 */
export function justified(proportions, { width, target, gap, below, breaks, lineHeight, open }) {
  const boxes = [];
  const lines = new Map();
  let y = 0;
  let row = 0;
  let start = 0;

  const place = (end, height) => {
    let x = 0;
    for (let at = start; at < end; at += 1) {
      const wide = proportions[at] * height;
      boxes.push({ x, y, width: wide, height, row });
      x += wide + gap;
    }
    y += height + below + gap;
    row += 1;
    start = end;
  };
  const filling = (end) => {
    const sum = proportions.slice(start, end).reduce((all, each) => all + each, 0);
    return (width - gap * (end - start - 1)) / sum;
  };

  for (let at = 0; at < proportions.length; at += 1) {
    if (breaks.includes(at) && at > 0) {
      if (start < at) place(at, Math.min(filling(at), target));
      lines.set(at, y);
      y += lineHeight;
    }
    const height = filling(at + 1);
    if (height > target) continue;
    // The row is full. Without its last picture it may be nearer to the height that is wanted.
    const without = at > start ? filling(at) : Infinity;
    if (without / target < target / height) place(at, without);
    if (start <= at && filling(at + 1) <= target) place(at + 1, filling(at + 1));
  }
  if (start < proportions.length && !open) {
    place(proportions.length, Math.min(filling(proportions.length), target * 1.15));
  }
  return { boxes, lines, height: y, rows: row };
}
