import { lazy, memo, Suspense, useCallback, useState } from "react";

import { CloseOfDay, useOwedCount } from "../bookings/owed";
import { FilesLink, PaperLink } from "../bookings/link";
import { CalendarLink } from "../calendar/link";
import { CallbacksLink } from "../callbacks/link";
import type { Catalogue } from "../catalogue";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { useKeys } from "../parts/keys";
import { useSigned, useSignOut } from "../session";
import { useSpoken } from "../words/language";
import { KeyTable } from "./keyTable";
import { lock } from "./lock";

const Security = lazy(async () => ({ default: (await import("../own/security")).Security }));

/** Who sits here, and the ways to everything that is not the call; none of it changes with the news. */
export const Head = memo(function Head(props: { readonly seat: string; readonly catalogue: Catalogue }) {
  const { words, other } = useSpoken();
  const { person } = useSigned();
  const { signOut, error } = useLeave();
  const [showsKeys, setShowsKeys] = useState(false);
  const [showsSettings, setShowsSettings] = useState(false);
  const [isClosing, setClosing] = useState(false);
  const owed = useOwedCount();
  const goHome = () => ((owed?.due ?? 0) > 0 ? setClosing(true) : void signOut());

  useKeys({ "?": () => setShowsKeys(true) });
  return (
    <>
      <header className="flex flex-wrap items-center justify-between gap-3 rounded-lg bg-blue-1100 px-4 py-2 text-white">
        <h1 className="text-xl font-bold">
          {words.product} <span className="text-base font-normal">{props.seat}</span>
        </h1>
        <p>{person.announced_name}</p>
        <div className="flex flex-wrap gap-2">
          <Button onPress={() => setShowsKeys(true)} keys="?">
            {words.keys}
          </Button>
          <Button onPress={() => lock()} keys="L">
            {words.lock}
          </Button>
          <Button onPress={() => setShowsSettings(true)}>{words.security}</Button>
          <CallbacksLink />
          <CalendarLink />
          <PaperLink />
          <FilesLink />
          <Button onPress={other}>{words.language}</Button>
          <Button onPress={goHome}>{words.signOut}</Button>
        </div>
      </header>
      <Fault error={error} />
      <Window
        title={words.security}
        isOpen={showsSettings}
        onClose={() => setShowsSettings(false)}
      >
        <Suspense fallback={null}>
          <Security />
        </Suspense>
        <Button onPress={() => setShowsSettings(false)}>{words.close}</Button>
      </Window>
      <CloseOfDay
        isOpen={isClosing}
        onStay={() => setClosing(false)}
        onLeave={() => {
          setClosing(false);
          void signOut();
        }}
      />
      <KeyTable catalogue={props.catalogue} isOpen={showsKeys} onClose={() => setShowsKeys(false)} />
    </>
  );
});

function useLeave() {
  const bye = useSignOut();
  const [error, setError] = useState<unknown>(null);
  const signOut = useCallback(async () => {
    setError(null);
    await bye().catch(setError);
  }, [bye]);
  return { signOut, error };
}
