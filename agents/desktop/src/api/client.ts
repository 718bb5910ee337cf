import createClient from "openapi-fetch";

import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** One sentence for people, and one for each field that is at fault. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly ja: string,
    readonly en: string,
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(en);
  }
}

// Whoever has a caller waits for the desk as long as for a silent line; a file takes its time.
const AT_A_CALL = /\/api\/(agent|phone|calls|bookings|callbacks|seat|session|unsent|masked)\b/u;
const ANSWERS_WITHIN = 20_000; // milliseconds
const OFFLINE = new Problem(
  0,
  "サーバーにつながりません。入力した内容はこの画面に残っています。",
  "The server cannot be reached. What you typed is still on this page.",
);

let csrf = "";
/** Of the present session; every unsafe request says it. */
export function useToken(token: string | null | undefined): void {
  csrf = token ?? "";
}
export function token(): string {
  return csrf;
}

// The token's header is added below, for every request.
type Tokenless<Paths> = {
  [Path in keyof Paths]: {
    [Method in keyof Paths[Path]]: Paths[Path][Method] extends { parameters: infer Parameters }
      ? Omit<Paths[Path][Method], "parameters"> & {
          parameters: Omit<Parameters, "header"> & { header?: never };
        }
      : Paths[Path][Method];
  };
};

export const api = createClient<Tokenless<paths>>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  cache: "no-store",
});
api.use({
  async onRequest({ request }) {
    if (csrf !== "") request.headers.set("X-Mado-CSRF", csrf);
    const late = AT_A_CALL.test(request.url) ? [AbortSignal.timeout(ANSWERS_WITHIN)] : [];
    if (request.method !== "GET") return new Request(request, { signal: AbortSignal.any(late) });
    if (leaving !== null && (await leaving)) throw new DOMException("left", "AbortError");
    return new Request(request, { signal: AbortSignal.any([reading.signal, ...late]) });
  },
});

let leaving: Promise<boolean> | null = null; // whether whoever is leaving has left
let reading = new AbortController();

/** Ends a session: what was being read for it is given up, and what is asked meanwhile waits. */
export async function ending(end: () => Promise<unknown>): Promise<void> {
  reading.abort();
  reading = new AbortController();
  const ended = end();
  leaving = ended.then(
    () => true,
    () => false,
  );
  try {
    await ended;
  } finally {
    leaving = null;
  }
}

type Answered<T> = { data?: T; error?: unknown; response: Response };

/** What was asked for, or a Problem. */
export async function told<T>(asked: Promise<Answered<T>>): Promise<T> {
  let answered: Answered<T>;
  try {
    answered = await asked;
  } catch {
    throw OFFLINE;
  }
  if (answered.response.ok) return answered.data as T;
  throw problemOf(answered.response.status, answered.error);
}

function problemOf(status: number, error: unknown): Problem {
  if (typeof error === "object" && error !== null && "problem" in error) {
    const said = error as { problem: string; problem_en?: string; fields?: Record<string, string> };
    return new Problem(status, said.problem, said.problem_en ?? said.problem, said.fields);
  }
  return new Problem(
    status,
    "うまくいきませんでした。もう一度お試しください。",
    "That did not work. Try again.",
  );
}

/** Something else was sent under the request's key before, and stands: this needs another one. */
export function isKeyTaken(problem: unknown): boolean {
  return problem instanceof Problem && problem.status === 409 && "key" in problem.fields;
}

/** Names a request, so that it is done once however often it is sent. */
export function newKey(): string {
  return crypto.randomUUID();
}
