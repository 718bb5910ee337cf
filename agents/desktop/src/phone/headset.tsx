import { useEffect, useState } from "react";

import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { Choices } from "../parts/field";
import { useWords } from "../words/language";
import { type Chosen, chosen, type Device, type Devices, plugged } from "./devices";
import { Meter } from "./meter";
import { AllowNotices } from "./notice";
import { phone } from "./phone";
import { soundTone } from "./sound";
import { usePhoneWords } from "./words";

const NONE: Devices = { microphones: [], speakers: [] };
export const spoken = () => phone.levels().spoken;
export const heard = () => phone.levels().heard;

/** Choosing the headset, and where it rings. */
export function Headset() {
  const words = usePhoneWords();
  const common = useWords();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button looks="quiet" onPress={() => setOpen(true)}>
        {words.headset}
      </Button>
      <Window title={words.headset} isOpen={isOpen} onClose={() => setOpen(false)}>
        <HeadsetChoices />
        <AllowNotices />
        <Button onPress={() => setOpen(false)}>{common.close}</Button>
      </Window>
    </>
  );
}

/** The three places of sound, as far as they are plugged in. */
export function HeadsetChoices() {
  const words = usePhoneWords();
  const devices = usePlugged();
  const [now, setNow] = useState(chosen);
  const [error, setError] = useState<unknown>(null);
  const change = async (part: Partial<Chosen>) => {
    const next = { ...now, ...part };
    setNow(next);
    setError(null);
    await phone.change(next).catch(setError);
  };
  const one = (what: keyof Chosen, label: string, from: readonly Device[]) => (
    <Choices
      label={label}
      value={now[what]}
      empty={words.system}
      choices={from.map(({ id, name }) => ({ value: id, text: name }))}
      onChange={(id) => void change({ [what]: id })}
    />
  );
  return (
    <div className="flex flex-col gap-3">
      {one("microphone", words.microphone, devices.microphones)}
      <Meter label={words.spoken} level={spoken} />
      {one("talk", words.talk, devices.speakers)}
      <Button onPress={() => void soundTone(now.talk).catch(setError)}>{words.tone}</Button>
      {one("ring", words.ring, devices.speakers)}
      <Fault error={error} />
    </div>
  );
}

function usePlugged(): Devices {
  const [devices, setDevices] = useState(NONE);
  useEffect(() => {
    let over = false;
    const look = () =>
      void plugged().then(
        (found) => {
          if (!over) setDevices(found);
        },
        () => undefined,
      );
    look();
    navigator.mediaDevices.addEventListener("devicechange", look);
    return () => {
      over = true;
      navigator.mediaDevices.removeEventListener("devicechange", look);
    };
  }, []);
  return devices;
}
