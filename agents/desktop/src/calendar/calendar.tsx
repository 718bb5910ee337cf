import { Button } from "../parts/button";
import { useSpoken } from "../words/language";
import { Changes } from "./changes";
import { Month } from "./month";
import { leaveCalendar, turnTo, useCalendarPage } from "./place";
import { Today } from "./today";
import { useCalendarWords } from "./words";
import { Year } from "./year";

const PAGES = { today: Today, month: Month, year: Year, changes: Changes } as const;
type Page = keyof typeof PAGES;

function isPage(name: string): name is Page {
  return Object.hasOwn(PAGES, name);
}

/** The municipal calendar: today, a month, a year for the wall, and its changes. */
export function Calendar() {
  const words = useCalendarWords();
  const { words: common, other } = useSpoken();
  const named = useCalendarPage();
  const page = isPage(named) ? named : "today";
  const Shown = PAGES[page];
  return (
    <main className="mx-auto flex max-w-screen-2xl flex-col gap-3 p-3 print:p-0">
      <header className="flex flex-wrap items-center justify-between gap-3 print:hidden">
        <h1 className="text-2xl font-bold">{words.calendar}</h1>
        <nav aria-label={words.calendar} className="flex flex-wrap gap-2">
          {(Object.keys(PAGES) as Page[]).map((each) => (
            <Button
              key={each}
              looks={each === page ? "main" : "plain"}
              aria-current={each === page ? "page" : false}
              onPress={() => turnTo(each)}
            >
              {words[each]}
            </Button>
          ))}
          <Button onPress={other}>{common.language}</Button>
          <Button onPress={leaveCalendar}>{words.back}</Button>
        </nav>
      </header>
      <Shown />
    </main>
  );
}
