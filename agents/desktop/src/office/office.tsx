import { lazy, type ReactNode, Suspense } from "react";

import { FilesLink, PaperLink } from "../bookings/link";
import { CalendarLink } from "../calendar/link";
import { CallbacksLink } from "../callbacks/link";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { Alarms } from "../room/alarms";
import { Board } from "../room/board";
import { useSigned, useSignOut } from "../session";
import { useSpoken } from "../words/language";
import type { Words } from "../words/words";
import { usePlace } from "./place";

// Only whoever opens one loads it.
const Users = lazy(async () => ({ default: (await import("./users")).Users }));
const Boards = lazy(async () => ({ default: (await import("./boards")).Boards }));
const Audit = lazy(async () => ({ default: (await import("./audit")).Audit }));
const Escalations = lazy(async () => ({ default: (await import("./escalations")).Escalations }));
const Letters = lazy(async () => ({ default: (await import("./letters")).Letters }));
const Security = lazy(async () => ({ default: (await import("../own/security")).Security }));

type Page = {
  readonly place: string;
  readonly title: (words: Words) => string;
  readonly roles: readonly string[] | null; // null: everybody's
  readonly shows: ReactNode;
};

const PAGES: readonly Page[] = [
  { place: "", title: (words) => words.boardTitle, roles: null, shows: <Board /> },
  {
    place: "escalations",
    title: (words) => words.escalations,
    roles: ["general_manager", "city_approver"],
    shows: <Escalations />,
  },
  { place: "notices", title: (words) => words.notices, roles: ["general_manager"], shows: <Letters /> },
  { place: "users", title: (words) => words.users, roles: ["administrator"], shows: <Users /> },
  { place: "boards", title: (words) => words.boards, roles: ["administrator"], shows: <Boards /> },
  { place: "audit", title: (words) => words.auditLog, roles: ["auditor"], shows: <Audit /> },
  { place: "security", title: (words) => words.security, roles: null, shows: <Security /> },
];

/** The pages of everybody who has no telephone here, by their role. */
export function Office() {
  const { words, other } = useSpoken();
  const { person } = useSigned();
  const { error, attempt } = useAttempt();
  const signOut = useSignOut();
  const [place, go] = usePlace();
  const mine = PAGES.filter((page) => page.roles === null || page.roles.includes(person.role));
  const here = mine.find((page) => page.place === place) ?? mine[0];
  return (
    <div className="mx-auto flex max-w-screen-xl flex-col gap-3 p-3">
      <a href="#page-content" className="sr-only focus:not-sr-only">
        {words.skip}
      </a>
      <header className="flex flex-wrap items-center justify-between gap-3 rounded-lg bg-blue-1100 px-4 py-2 text-white">
        <h1 className="text-xl font-bold">
          {words.product} <span className="text-base font-normal">{here?.title(words)}</span>
        </h1>
        <p>{person.announced_name}</p>
        <div className="flex flex-wrap gap-2">
          <CallbacksLink />
          <CalendarLink />
          {person.role === "general_manager" && <PaperLink />}
          <FilesLink />
          <Button onPress={other}>{words.language}</Button>
          <Button onPress={() => void attempt(signOut)}>{words.signOut}</Button>
        </div>
      </header>
      <Fault error={error} />
      <Alarms role={person.role} />
      <nav aria-label={words.toOffice}>
        <ul className="flex flex-wrap gap-2">
          {mine.map((page) => (
            <li key={page.place}>
              <Button
                looks={page === here ? "main" : "plain"}
                aria-current={page === here ? "page" : false}
                onPress={() => go(page.place)}
              >
                {page.title(words)}
              </Button>
            </li>
          ))}
        </ul>
      </nav>
      <main id="page-content" tabIndex={-1} className="outline-none">
        <Suspense fallback={null}>{here?.shows}</Suspense>
      </main>
    </div>
  );
}
