import { useState } from "react";

import { api, newKey, told } from "../api/client";
import { guard } from "../guard/individualNumber";
import { isKeepable, LONGEST_NOTE } from "../guard/length";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { Guarded } from "../parts/guarded";
import { useSayAloud } from "../parts/live";
import { useWords } from "../words/language";

/** To the supervisor or the city, with what is known of the call. */
export function Escalate({ call }: { readonly call: string }) {
  const words = useWords();
  const say = useSayAloud();
  const [isOpen, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const [key, setKey] = useState(newKey);
  const [error, setError] = useState<unknown>(null);
  const isSendable = note.trim() !== "" && isKeepable(note, LONGEST_NOTE);
  const send = async (to: "supervisor" | "city") => {
    setError(null);
    const body = { key, to, note: guard(note).text };
    try {
      await told(
        api.POST("/api/calls/{call}/escalation", { params: { path: { call } }, body }),
      );
      setOpen(false);
      setNote("");
      setKey(newKey());
      say(words.sent);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <>
      <Button onPress={() => setOpen(true)}>{words.escalate}</Button>
      <Window title={words.escalate} isOpen={isOpen} onClose={() => setOpen(false)}>
        <Guarded label={words.escalateNote} hint={words.noteHint} value={note} onChange={setNote} rows={4} autoFocus />
        <Fault error={error} />
        <div className="flex flex-wrap gap-2">
          <Button looks="main" isDisabled={!isSendable} onPress={() => void send("supervisor")}>
            {words.toSupervisor}
          </Button>
          <Button isDisabled={!isSendable} onPress={() => void send("city")}>
            {words.toCity}
          </Button>
          <Button looks="quiet" onPress={() => setOpen(false)}>
            {words.cancel}
          </Button>
        </div>
      </Window>
    </>
  );
}
