import { useEffect } from "react";

import { ringOncePainted } from "../desk/ring";
import type { Agent } from "../news/floor";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { useKeys } from "../parts/keys";
import { useWords } from "../words/language";
import { Headset, heard, spoken } from "./headset";
import { Meter } from "./meter";
import { useNotice } from "./notice";
import { phone } from "./phone";
import { usePhone, useUnannounced } from "./use";
import { usePhoneWords } from "./words";

const BOX = "flex flex-wrap items-center gap-2";

/** Whether this page is the telephone, and the keys that belong to it. */
export function PhoneKeys({ agent }: { readonly agent: Agent }) {
  const words = usePhoneWords();
  const seen = usePhone();
  switch (seen.is) {
    case "off":
      return <Button onPress={() => void phone.begin()}>{words.begin}</Button>;
    case "starting":
      return <p role="status">{words.starting}</p>;
    case "elsewhere":
      return (
        <div className={BOX}>
          <p role="alert">{words.elsewhere}</p>
          <Button onPress={() => void phone.begin(true)}>{words.takeOver}</Button>
        </div>
      );
    case "blocked":
      return (
        <div className={BOX}>
          <Fault error={seen.problem} />
          <Button onPress={() => void phone.begin()}>{words.begin}</Button>
        </div>
      );
    case "lost":
    case "on":
      return (
        <div className={BOX}>
          {seen.is === "lost" ? (
            <p role="alert" className="font-bold text-red-900">
              ⚠ {words.lost}
            </p>
          ) : (
            <p>☎ {words.on}</p>
          )}
          {seen.problem !== null && <Fault error={seen.problem} />}
          {seen.isSpeakerAway && (
            <p role="alert" className="font-bold text-red-900">
              ⚠ {words.speakerAway}
            </p>
          )}
          <InCall />
          <Headset />
          {agent.offer == null && seen.talks === null && (
            <Button looks="quiet" onPress={() => phone.give()}>
              {words.give}
            </Button>
          )}
        </div>
      );
  }
}

function InCall() {
  const words = usePhoneWords();
  const { talks, isMuted, isLouder } = usePhone();
  const louder = () => phone.louder(!isLouder);
  useKeys({ v: louder }, talks !== null);
  if (talks === null) return null;
  return (
    <>
      {isMuted && (
        <p role="status" className="font-bold text-red-900">
          {words.muted}
        </p>
      )}
      <Button aria-pressed={isMuted} onPress={() => phone.mute(!isMuted)}>
        {isMuted ? words.unmute : words.mute}
      </Button>
      <Button aria-pressed={isLouder} keys="V" onPress={louder}>
        {words.louder}
      </Button>
      {isLouder && <p role="status">{words.isLouder}</p>}
      <Meter label={words.spoken} level={spoken} />
      <Meter label={words.heard} level={heard} />
    </>
  );
}

/** What no controller tells of: the safety net rings everybody, and whoever answers has the keys here. */
export function Unannounced({ agent }: { readonly agent: Agent | undefined }) {
  const words = useWords();
  const mine = usePhoneWords();
  const is = useUnannounced(agent);
  const rings = is === "rings";
  useEffect(() => (rings ? ringOncePainted() : undefined), [rings]);
  useNotice(rings);
  useKeys(rings ? { F2: () => phone.answer() } : { "Shift+F2": () => phone.hangUp() }, is !== null);
  if (is === null) return null;
  return (
    <div role="alert" className="flex items-center gap-3 border-4 border-red-900 bg-white p-3">
      <p className="text-xl font-bold text-red-900">{rings ? mine.emergency : mine.inEmergency}</p>
      {rings ? (
        <Button looks="main" keys="F2" onPress={() => phone.answer()}>
          {words.answer}
        </Button>
      ) : (
        <Button looks="danger" keys="Shift+F2" onPress={() => phone.hangUp()}>
          {words.hangUp}
        </Button>
      )}
    </div>
  );
}
