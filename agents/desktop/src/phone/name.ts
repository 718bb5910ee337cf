import { newKey } from "../api/client";

const KEPT = "phone-page";
const GIVEN_UP_WITHIN = 1000; // milliseconds, by this page before it was loaded again

let mine: Promise<string> | undefined;

/** This page's name of itself: the same after a reload, so that a page takes up again what it was.
 * A copied tab is born with the name of another page, which holds it, and gives itself its own. */
export function pageName(): Promise<string> {
  mine ??= named(sessionStorage.getItem(KEPT));
  return mine;
}

async function named(known: string | null): Promise<string> {
  if (known !== null && (await isOurs(known))) return known;
  const own = newKey();
  sessionStorage.setItem(KEPT, own);
  await isOurs(own);
  return own;
}

/** Whether this page holds the name, which it then does for as long as it lives. */
function isOurs(name: string): Promise<boolean> {
  const asked = { signal: AbortSignal.timeout(GIVEN_UP_WITHIN) };
  return new Promise((tell) => {
    const hold = () => {
      tell(true);
      return new Promise<never>(() => undefined);
    };
    navigator.locks.request(`${KEPT} ${name}`, asked, hold).catch(() => tell(false));
  });
}
