import { useEffect, useState } from "react";

import { Button } from "../parts/button";
import { usePhoneWords } from "./words";

const TAG = "call"; // a newer one takes the place of the one before

/** Tells of a call while the page is behind others; who calls stands on the page alone. */
export function useNotice(rings: boolean): void {
  const words = usePhoneWords();
  useEffect(() => {
    if (!rings || !document.hidden || !mayTell()) return undefined;
    const told = new Notification(words.noticeTitle, { body: words.noticeBody, tag: TAG });
    told.onclick = () => {
      window.focus();
      told.close();
    };
    return () => told.close();
  }, [rings, words]);
}

function mayTell(): boolean {
  return typeof Notification !== "undefined" && Notification.permission === "granted";
}

/** Asks for it once; where the centre's policy has allowed it, there is nothing to ask. */
export function AllowNotices() {
  const words = usePhoneWords();
  const [isOpen, setOpen] = useState(
    () => typeof Notification !== "undefined" && Notification.permission === "default",
  );
  if (!isOpen) return null;
  const ask = async () => {
    await Notification.requestPermission();
    setOpen(false);
  };
  return <Button onPress={() => void ask()}>{words.allowNotices}</Button>;
}
