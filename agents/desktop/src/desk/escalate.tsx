import { useState } from "react";

import { api, told } from "../api/client";
import { guard } from "../guard/individualNumber";
import { isKeepable, LONGEST_NOTE } from "../guard/length";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { Guarded } from "../parts/guarded";
import { useSayAloud } from "../parts/live";
import { SavingTold } from "../parts/saving";
import { useUnsent } from "../parts/unsent";
import { useWords } from "../words/language";

const EMPTY = { note: "" };

/** To the supervisor or the city, with what is known of the call. */
export function Escalate({ call }: { readonly call: string }) {
  const words = useWords();
  const say = useSayAloud();
  const [isOpen, setOpen] = useState(false);
  const { form, change, send, done, isReady, isBegun, saving, masked } = useUnsent(
    `escalation:${call}`,
    EMPTY,
  );
  const { note } = form;
  const [error, setError] = useState<unknown>(null);
  const isSendable = note.trim() !== "" && isKeepable(note, LONGEST_NOTE);
  const escalate = async (to: "supervisor" | "city") => {
    setError(null);
    const body = { to, note: guard(note).text };
    const params = { path: { call } };
    try {
      await send((key) =>
        told(api.POST("/api/calls/{call}/escalation", { params, body: { key, ...body } })),
      );
      setOpen(false);
      done();
      say(words.sent);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <>
      <Button onPress={() => setOpen(true)}>
        {words.escalate}
        {isBegun && ` (${words.begun})`}
      </Button>
      <Window title={words.escalate} isOpen={isOpen && isReady} onClose={() => setOpen(false)}>
        <Guarded
          label={words.escalateNote}
          hint={words.noteHint}
          value={note}
          masked={masked}
          onChange={(text) => change({ note: text })}
          rows={4}
          autoFocus
        />
        <SavingTold saving={saving} />
        <Fault error={error} />
        <div className="flex flex-wrap gap-2">
          <Button looks="main" isDisabled={!isSendable} onPress={() => void escalate("supervisor")}>
            {words.toSupervisor}
          </Button>
          <Button isDisabled={!isSendable} onPress={() => void escalate("city")}>
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
