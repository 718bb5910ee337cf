import { useCallback, useEffect, useState } from "react";

import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { Panel } from "../parts/panel";
import { type Check, CHECKS } from "./desk";
import { chosen, isAllowed } from "./devices";
import { HeadsetChoices, spoken } from "./headset";
import { Meter } from "./meter";
import { phone } from "./phone";
import { soundTone } from "./sound";
import { usePhone } from "./use";
import { usePhoneWords } from "./words";

type Found = Readonly<Record<Check, "waiting" | "good" | "bad">>;

const NOTHING: Found = {
  secure: "waiting",
  permission: "waiting",
  microphone: "waiting",
  speaker: "waiting",
  registration: "waiting",
  round_trip: "waiting",
};
const LISTENS_EVERY = 50; // milliseconds
const VOICE = -50; // dBFS
const TOLD_EVERY = 3000; // milliseconds, until the desk has heard that all is well
const PATIENCE = 8000; // milliseconds until something that is awaited counts as missing
const SIGNS = { waiting: "…", good: "✓", bad: "✗" } as const;

/** Pre-flight: what is missing before this page may ring, and how to mend it. */
export function PhoneCheck() {
  const words = usePhoneWords();
  const { is, missing, faults } = usePhone();
  const isWanted = (is === "on" || is === "lost") && missing.length > 0;
  return isWanted ? (
    <Panel title={words.check}>
      <Checks key={faults} />
    </Panel>
  ) : null;
}

function Checks() {
  const words = usePhoneWords();
  const { is, rings, talks } = usePhone();
  const [found, setFound] = useState(NOTHING);
  const [isSounded, setSounded] = useState(false); // nobody has heard what was not sounded
  const [error, setError] = useState<unknown>(null);
  const put = useCallback(
    (check: Check, to: Found[Check]) =>
      setFound((before) => (before[check] === to ? before : { ...before, [check]: to })),
    [],
  );
  useMicrophone(put);
  useRegistration(is === "on", put);
  const again = useRoundTrip(is === "on" && rings === null && talks === null, found.round_trip, put);
  useEffect(() => {
    put("secure", window.isSecureContext ? "good" : "bad");
    void isAllowed().then((is) => put("permission", is ? "good" : "bad"));
  }, [put]);
  const passed = CHECKS.filter((check) => found[check] === "good");
  const isWhole = passed.length === CHECKS.length;
  useEffect(() => {
    if (!isWhole) return undefined;
    const tell = () => phone.checked(CHECKS).catch(setError);
    void tell();
    const timer = window.setInterval(() => void tell(), TOLD_EVERY); // heard, this is gone
    return () => window.clearInterval(timer);
  }, [isWhole]);
  const texts: Readonly<Record<Check, readonly [string, string, string]>> = {
    secure: [words.secure, "", words.secureMend],
    permission: [words.permission, "", words.permissionMend],
    microphone: [words.level, words.levelWait, words.levelMend],
    speaker: [words.speaker, words.speakerWait, words.speakerWait],
    registration: [words.registration, words.registrationWait, words.registrationMend],
    round_trip: [words.roundTrip, words.roundTripWait, words.roundTripMend],
  };
  return (
    <div className="flex flex-col gap-2">
      <p>{words.checkWhy}</p>
      <ul className="flex flex-col gap-1" aria-label={words.check}>
        {CHECKS.map((check) => {
          const [name, waits, mend] = texts[check];
          const state = found[check];
          const more = state === "good" ? "" : state === "bad" ? mend : waits;
          return (
            <li key={check} className={state === "bad" ? "font-bold text-red-900" : ""}>
              <span aria-hidden="true">{SIGNS[state]} </span>
              {name}
              {more !== "" && `: ${more}`}
            </li>
          );
        })}
      </ul>
      <div className="flex flex-wrap items-center gap-2">
        <Meter label={words.spoken} level={spoken} />
        {found.speaker !== "good" && (
          <>
            <Button onPress={() => void soundTone(chosen().talk).then(() => setSounded(true), setError)}>
              {words.tone}
            </Button>
            <Button isDisabled={!isSounded} onPress={() => put("speaker", "good")}>
              {words.heardIt}
            </Button>
          </>
        )}
        {found.round_trip === "bad" && <Button onPress={again}>{words.again}</Button>}
      </div>
      {found.microphone === "bad" && <HeadsetChoices />}
      <Fault error={error} />
    </div>
  );
}

type Put = (check: Check, to: Found[Check]) => void;

/** Until a voice is heard; after a while it says what to look at, and goes on listening. */
function useMicrophone(put: Put): void {
  useEffect(() => {
    const begun = performance.now();
    const timer = window.setInterval(() => {
      const level = spoken();
      if (level !== null && level > VOICE) {
        put("microphone", "good");
        window.clearInterval(timer);
      } else if (performance.now() - begun > PATIENCE) put("microphone", "bad");
    }, LISTENS_EVERY);
    return () => window.clearInterval(timer);
  }, [put]);
}

function useRegistration(isOn: boolean, put: Put): void {
  useEffect(() => {
    put("registration", isOn ? "good" : "waiting");
    if (isOn) return undefined;
    const timer = window.setTimeout(() => put("registration", "bad"), PATIENCE);
    return () => window.clearTimeout(timer);
  }, [isOn, put]);
}

/** Once there is a line and nobody is on it, and anew where it gave way to a call; to do it again
 * when it failed. */
function useRoundTrip(isFree: boolean, state: Found[Check], put: Put): () => void {
  const [isTrying, setTrying] = useState(false); // drawn: the call may be over before it gave way
  useEffect(() => {
    if (!isFree || state !== "waiting" || isTrying) return;
    setTrying(true);
    phone
      .comesBack()
      .then(
        (is) => put("round_trip", is ? "good" : "bad"),
        (why: unknown) => put("round_trip", gaveWay(why) ? "waiting" : "bad"),
      )
      .finally(() => setTrying(false));
  }, [isFree, state, isTrying, put]);
  return () => put("round_trip", "waiting");
}

/** By its name: its class comes with the telephone's library, which is loaded late. */
function gaveWay(why: unknown): boolean {
  return why instanceof Error && why.name === "GaveWay";
}
