import { useEffect, useState } from "react";

import { Button } from "../parts/button";
import { useKeys } from "../parts/keys";
import { useIsCalled } from "../phone/use";
import { useSigned } from "../session";
import { useSpoken } from "../words/language";
import { Balance } from "./balance";
import { Memo } from "./memo";
import { leaveCallbacks } from "./place";
import { useCallbackWords } from "./words";
import { Worklist } from "./worklist";

const STAFF = ["agent", "supervisor", "general_manager"];
const CITY = ["city_viewer", "city_approver"];
const PAGES = {
  worklist: { roles: STAFF, Shown: Worklist },
  over: { roles: STAFF, Shown: () => <Worklist closed /> },
  memo: { roles: [...STAFF, ...CITY], Shown: Memo },
  balance: { roles: ["supervisor", "general_manager", ...CITY, "auditor"], Shown: Balance },
} as const;
type Page = keyof typeof PAGES;

/** Who is to be called back, memos of calls taken elsewhere, and the balance. */
export function Callbacks({ seat }: { readonly seat: string | null }) {
  const words = useCallbackWords();
  const { words: common, other } = useSpoken();
  const { person } = useSigned();
  const mine = (Object.keys(PAGES) as Page[]).filter((page) =>
    (PAGES[page].roles as readonly string[]).includes(person.role),
  );
  const [chosen, setChosen] = useState<Page | null>(null);
  const page = chosen ?? mine[0];
  const isCalled = useIsCalled(seat);
  // A caller goes before: whoever is rung sees the card.
  useEffect(() => {
    if (isCalled) leaveCallbacks();
  }, [isCalled]);
  useKeys({
    m: () => setChosen("memo"),
    escape: leaveCallbacks,
  });
  if (page === undefined) return null;
  const { Shown } = PAGES[page];
  return (
    <main className="mx-auto flex max-w-screen-2xl flex-col gap-3 p-3 print:p-0">
      <header className="flex flex-wrap items-center justify-between gap-3 print:hidden">
        <h1 className="text-2xl font-bold">{words.callbacks}</h1>
        <nav aria-label={words.callbacks} className="flex flex-wrap gap-2">
          {mine.map((each) => (
            <Button
              key={each}
              looks={each === page ? "main" : "plain"}
              aria-current={each === page ? "page" : false}
              onPress={() => setChosen(each)}
            >
              {words[each]}
            </Button>
          ))}
          <Button onPress={other}>{common.language}</Button>
          <Button onPress={leaveCallbacks}>{words.back}</Button>
        </nav>
      </header>
      <Shown key={page} />
    </main>
  );
}
