import { api, Problem, type Schemas, told } from "../api/client";
import { isAllowed, openMicrophone } from "./devices";
import { pageName } from "./name";

// What the telephone asks of the desk and of the browser.

export type Check = Schemas["Checked"]["missing"][number];
export type Broken = Schemas["BrokenForm"]["what"];
export const CHECKS: readonly Check[] = [
  "secure",
  "permission",
  "microphone",
  "speaker",
  "registration",
  "round_trip",
];
const OPENED_WITHIN = 500; // milliseconds; the desk should not ring who cannot speak for long

export const UNPLUGGED = new Problem(
  0,
  "マイクが外れました。つなぎ直してから、もう一度「この画面で電話を受ける」を選んでください。",
  "The microphone is gone. Connect it, then choose to take calls on this page again.",
);
const NO_MICROPHONE = new Problem(
  0,
  "マイクを使えません。つながっていることと、アドレス欄のマイクの許可を確かめてください。",
  "The microphone cannot be used. See that it is connected, and allowed beside the address.",
);
const NOT_ALLOWED = new Problem(
  0,
  "マイクの使用が許可されていません。アドレス欄の左の印からマイクを「許可」にして、もう一度選んでください。",
  "The microphone is not allowed. Allow it at the sign left of the address, then choose again.",
);
const NOT_SECURE = new Problem(
  0,
  "このアドレスではマイクを使えません。https:// で始まるアドレスで開き直してください。",
  "Browsers give this address no microphone. Open the address that begins with https://.",
);

export async function listen(microphone: string): Promise<MediaStream> {
  if (!window.isSecureContext) throw NOT_SECURE;
  try {
    return await openMicrophone(microphone);
  } catch (problem) {
    const isRefused = problem instanceof DOMException && problem.name === "NotAllowedError";
    throw isRefused || !(await isAllowed()) ? NOT_ALLOWED : NO_MICROPHONE;
  }
}

/** Why a microphone went silent. A browser ends it before it says that it is not allowed any more;
 * and it may ask the person whether another one is, who takes their time. */
export async function whyOf(opened: Promise<unknown>): Promise<Broken> {
  const refused = opened.then(() => false, (problem: unknown) => problem === NOT_ALLOWED);
  const waited = new Promise<boolean>((go) => window.setTimeout(() => go(false), OPENED_WITHIN));
  const isRefused = (await Promise.race([refused, waited])) || !(await isAllowed());
  return isRefused ? "microphone_refused" : "microphone_gone";
}

export async function ask(takeOver: boolean) {
  const body = { page: await pageName(), take_over: takeOver };
  return told(api.POST("/api/phone", { body }));
}

/** Another page is the telephone of this seat. */
export function isElsewhere(problem: unknown): boolean {
  return problem instanceof Problem && problem.status === 409;
}

/** What the pre-flight has found; what is missing yet. */
export async function tell(passed: readonly Check[]): Promise<readonly Check[]> {
  const body = { page: await pageName(), passed: [...passed] };
  return (await told(api.POST("/api/phone/checks", { body }))).missing;
}

export async function tellBroken(what: Broken): Promise<void> {
  const body = { page: await pageName(), what };
  await told(api.POST("/api/phone/faults", { body }));
}
