// Pictures to search by: dropped, pasted or chosen. They are made small here, so that a photo of
// 20 MB is a quick search and its metadata stay with the reader; the tab remembers the last ones.

import { Problem } from "./api.js";
import { t } from "./strings.js";

const LONGEST = 1024; // Pixels; encoders look at far fewer.
const KEPT = 6;
const STORE = "pictures";
const known = new Map();

/** A picture made ready; answers the name by which a link of this tab knows it. */
export async function taken(file) {
  const blob = await smaller(file);
  const id = crypto.randomUUID?.().slice(0, 8) ?? String(Date.now());
  keep(id, { blob, name: file.name || t("chips.picture"), url: URL.createObjectURL(blob) });
  await remember(id);
  return id;
}

/** The picture of that name; null in another tab, where nothing is known of it. */
export function pictureNamed(id) {
  if (!id) return null;
  if (!known.has(id)) recall(id);
  return known.get(id) ?? null;
}

/** The first picture among dropped or pasted things. */
export const pictureIn = (transfer) =>
  [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/")) ?? null;

function keep(id, picture) {
  known.set(id, picture);
  while (known.size > 4 * KEPT) known.delete(known.keys().next().value);
}

async function smaller(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Problem(t("error.picture"), t("error.picture_remedy"));
  }
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const drawing = canvas.getContext("2d");
  drawing.fillStyle = "#fff"; // Behind what is transparent, as the archive's encoder has it.
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
}

async function remember(id) {
  const { blob, name } = known.get(id);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const text = btoa(Array.from(bytes, (each) => String.fromCharCode(each)).join(""));
  try {
    const others = remembered()
      .filter((each) => each.id !== id)
      .slice(-(KEPT - 1));
    sessionStorage.setItem(STORE, JSON.stringify([...others, { id, name, text }]));
  } catch {
    // No room: the picture lasts until the page is loaded again.
  }
}

function recall(id) {
  const found = remembered().find((each) => each.id === id);
  if (!found) return;
  const bytes = Uint8Array.from(atob(found.text), (each) => each.charCodeAt(0));
  const blob = new Blob([bytes], { type: "image/jpeg" });
  keep(id, { blob, name: found.name, url: URL.createObjectURL(blob) });
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
  } catch {
    return [];
  }
}
