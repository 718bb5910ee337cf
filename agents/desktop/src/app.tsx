import { lazy, memo, type ReactNode, Suspense, useEffect } from "react";

import { useSignsOfLife } from "./alive";
import { MAY_IMPORT } from "./bookings/link";
import { useInFiles, usePaper } from "./bookings/place";
import { leaveCalendar, useInCalendar } from "./calendar/place";
import { useInCallbacks } from "./callbacks/place";
import { WallBoard } from "./room/board";
import { Desk } from "./desk/desk";
import { WithLock } from "./desk/lock";
import { useReports } from "./guard/report";
import { WithNews } from "./news/feed";
import { Fault } from "./parts/fault";
import { WithLiveRegions } from "./parts/live";
import { Sheet } from "./parts/panel";
import { WithClock } from "./parts/timer";
import { useIsCalled, useNoPhone, useThePhone } from "./phone/use";
import { type Session, SignedIn, useNothingLeft, useSession } from "./session";
import { Locked } from "./sign-in/locked";
import { type Lock, useLockedHere } from "./sign-in/lockedHere";
import { Seat } from "./sign-in/seat";
import { SignIn } from "./sign-in/signIn";
import { useWords } from "./words/language";

// Whoever takes calls loads none of it.
const Office = lazy(async () => ({ default: (await import("./office/office")).Office }));

const Calendar = lazy(async () => ({ default: (await import("./calendar/calendar")).Calendar }));

const Callbacks = lazy(async () => ({ default: (await import("./callbacks/callbacks")).Callbacks }));
const Paper = lazy(async () => ({ default: (await import("./bookings/paper")).Paper }));
const Files = lazy(async () => ({ default: (await import("./bookings/files")).Files }));
const PRINTS = new Set(["agent", "supervisor", "general_manager"]);

const AT_A_DESK = new Set(["agent", "supervisor"]);

/** One page, which shows what the session allows. */
export function App() {
  const query = useSession();
  const words = useWords();
  const here = useLockedHere();
  useNothingLeft(query.data?.signed_in !== false);
  useReports(query.data === undefined ? undefined : (query.data.user?.id ?? null));
  useNoPhone(query.data?.signed_in !== false);
  if (query.data === undefined) {
    return query.isError ? (
      <Sheet title={words.product}>
        <Fault error={query.error} />
      </Sheet>
    ) : null;
  }
  const session = query.data;
  if (!session.signed_in || session.user == null) return <SignIn session={session} />;
  return (
    <SignedIn session={session} person={session.user}>
      <WithClock now={session.now}>
        {/* What is for a seat is told to whoever sat there when the line was opened. */}
        <WithNews key={`${session.csrf ?? ""} ${session.seat ?? ""}`}>
          {/* What was said aloud of a call is gone from a locked page, and with the session. */}
          <WithLiveRegions key={String(session.locked || here !== null)}>
            <Place session={session} role={session.user.role} here={here} />
          </WithLiveRegions>
        </WithNews>
      </WithClock>
    </SignedIn>
  );
}

type Where = { readonly session: Session; readonly role: string };

function Place({ session, role, here }: Where & { readonly here: Lock | null }) {
  const seat = session.seat ?? null;
  const beside = useBeside(role);
  const isLocked = session.locked || here !== null;
  useThePhone(seat, beside !== null);
  useSignsOfLife(!isLocked && role !== "display");
  if (isLocked) return <Locked here={here} />;
  const page = beside ?? <Page session={session} role={role} />;
  return session.seat == null ? page : <WithLock seat={session.seat}>{page}</WithLock>;
}

/** What has a window of its own, beside the page with the call. */
function useBeside(role: string): ReactNode {
  const paper = usePaper();
  const inFiles = useInFiles();
  if (paper !== null && PRINTS.has(role))
    return (
      <Suspense fallback={null}>
        <Paper {...paper} />
      </Suspense>
    );
  if (inFiles && MAY_IMPORT.has(role))
    return (
      <Suspense fallback={null}>
        <Files />
      </Suspense>
    );
  return null;
}

function Page({ session, role }: Where) {
  const inCalendar = useInCalendar();
  const inCallbacks = useInCallbacks();
  if (role === "display") return <WallBoard />;
  if (inCallbacks)
    return (
      <Suspense fallback={null}>
        <Callbacks seat={session.seat ?? null} />
      </Suspense>
    );
  if (session.seat != null) return <AtTheDesk seat={session.seat} inCalendar={inCalendar} />;
  if (inCalendar)
    return (
      <Suspense fallback={null}>
        <Calendar />
      </Suspense>
    );
  if (!AT_A_DESK.has(role))
    return (
      <Suspense fallback={null}>
        <Office />
      </Suspense>
    );
  return <Seat />;
}

/** Behind the calendar the desk stays what it is; whoever is called sees who calls. */
const AtTheDesk = memo(function AtTheDesk(props: {
  readonly seat: string;
  readonly inCalendar: boolean;
}) {
  const { seat, inCalendar } = props;
  const isCalled = useIsCalled(seat);
  useEffect(() => {
    if (isCalled && inCalendar) leaveCalendar();
    // Only when it begins: whoever opens the calendar while it rings wants to see it.
  }, [isCalled]);
  return (
    <>
      <div hidden={inCalendar}>
        <Desk seat={seat} />
      </div>
      {inCalendar && (
        <Suspense fallback={null}>
          <Calendar />
        </Suspense>
      )}
    </>
  );
});
