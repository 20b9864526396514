// Requests of the API; whatever goes wrong is a Problem with a remedy.

import { said, t } from "./strings.js";

const PATIENCE = 60_000; // Milliseconds until a server that does not answer is given up.

/**
 * What went wrong, and what to do about it (RFC 9457). `title` names the kind in the reader's
 * language where `detail` and `remedy` are the server's own words, which are in English.
 */
export class Problem extends Error {
  constructor(detail, remedy, { status = 0, id = "", title = "", lang = null } = {}) {
    super(detail);
    Object.assign(this, { detail, remedy, status, id, title, lang });
  }
}

/** Whatever was thrown, as a Problem; a defect of the page is told to its developers too. */
export function asProblem(error) {
  if (error instanceof Problem) return error;
  console.error(error);
  return new Problem(t("error.broken"), t("error.broken_remedy"));
}

let askForKey = async () => {};

/** Set who asks the reader for a key; the request that needed it is then sent again. */
export function onKeyNeeded(work) {
  askForKey = work;
}

/** Ask for JSON. Throws Problem, or an AbortError where `signal` ended it. */
export async function ask(path, options = {}) {
  const response = await sent(path, options);
  if (response.status === 401) {
    await askForKey();
    return ask(path, options);
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return null;
  return response.json().catch(() => {
    throw new Problem(t("error.broken"), t("error.broken_remedy"), { status: response.status });
  });
}

async function sent(path, { body, signal, ...options }) {
  const limit = AbortSignal.timeout(PATIENCE);
  const own = signal ? AbortSignal.any([signal, limit]) : limit;
  const headers = { accept: "application/json", ...options.headers };
  const form = body instanceof FormData;
  if (body !== undefined && !form) headers["content-type"] = "application/json";
  try {
    return await fetch(path, {
      ...options,
      method: options.method ?? (body === undefined ? "GET" : "POST"),
      headers,
      signal: own,
      body: body === undefined || form ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    if (limit.aborted) throw new Problem(t("error.slow"), t("error.slow_remedy"));
    throw new Problem(t("error.offline"), t("error.offline_remedy"));
  }
}

async function problemOf(response) {
  const told = await response.json().catch(() => ({}));
  const known = { status: response.status, id: told.request_id };
  if (!told.detail) return new Problem(t("error.broken"), t("error.broken_remedy"), known);
  const kind = String(told.type).split(":").at(-1);
  const remedy = said(`problems.${kind}.remedy`);
  const title = said(`problems.${kind}.what`);
  if (remedy) return new Problem(title, remedy, known);
  return new Problem(told.detail, told.remedy, { ...known, title, lang: "en" });
}

/** An address of the API with its query. */
export function address(path, query = {}) {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of [value].flat()) if (each) given.append(name, each);
  }
  const text = given.toString();
  return `/v1/${path}${text ? `?${text}` : ""}`;
}

/** An asset's id in an address: slashes stay. */
export const inPath = (id) => id.split("/").map(encodeURIComponent).join("/");
