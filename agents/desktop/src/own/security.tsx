import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, told } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Field } from "../parts/field";
import { useSayAloud } from "../parts/live";
import { Panel } from "../parts/panel";
import { useSession } from "../session";
import { useSpoken, useWords } from "../words/language";
import { Factors } from "./factors";
import { Sessions } from "./sessions";

/** What one signs in with, and where one is signed in. */
export function Security() {
  const queries = useQueryClient();
  const sessions = useQuery({
    queryKey: ["own-sessions"],
    queryFn: () => told(api.GET("/api/me/sessions")),
    gcTime: 0,
  });
  const end = async (session: string) => {
    await told(api.DELETE("/api/me/sessions/{session}", { params: { path: { session } } }));
    await queries.invalidateQueries({ queryKey: ["own-sessions"] });
  };
  const words = useWords();
  return (
    <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
      <PinOfToday />
      <Password />
      <Factors />
      <Panel title={words.sessions}>
        <Fault error={sessions.error} />
        <Sessions sessions={sessions.data?.sessions ?? []} onEnd={end} />
      </Panel>
    </div>
  );
}

function PinOfToday() {
  const words = useWords();
  const say = useSayAloud();
  const session = useSession();
  const [pin, setPin] = useState("");
  const [kept, setKept] = useState(false);
  const { language } = useSpoken();
  const { busy, error, attempt } = useAttempt();
  const digits = pin.normalize("NFKC").replace(/[^0-9]/gu, "");
  const keep = async () => {
    const done = await attempt(() => told(api.PUT("/api/session/pin", { body: { pin: digits } })));
    if (!done) return;
    setPin("");
    setKept(true);
    say(words.changed);
    await session.refetch();
  };
  return (
    <Panel title={words.setPin}>
      <div className="flex flex-col gap-3">
        <Field
          label={words.pin}
          hint={words.pinHint}
          fault={fieldsOf(error, language)["pin"]}
          type="password"
          inputMode="numeric"
          autoComplete="off"
          value={pin}
          onChange={setPin}
        />
        <Fault error={error} />
        {kept && <p role="status">{words.changed}</p>}
        <div>
          <Button looks="main" isDisabled={busy || digits.length !== 6} onPress={() => void keep()}>
            {words.save}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function Password() {
  const words = useWords();
  const { language } = useSpoken();
  const say = useSayAloud();
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [kept, setKept] = useState(false);
  const { busy, error, attempt } = useAttempt();
  const faults = fieldsOf(error, language);
  const keep = async () => {
    const body = { old, new: next };
    if (!(await attempt(() => told(api.PUT("/api/me/password", { body }))))) return;
    setOld("");
    setNext("");
    setKept(true);
    say(words.changed);
  };
  return (
    <Panel title={words.changePassword}>
      <div className="flex flex-col gap-3">
        <Field
          label={words.oldPassword}
          fault={faults["old"]}
          type="password"
          autoComplete="current-password"
          value={old}
          onChange={setOld}
        />
        <Field
          label={words.newPassword}
          fault={faults["new"]}
          type="password"
          autoComplete="new-password"
          value={next}
          onChange={setNext}
        />
        <Fault error={error} />
        {kept && <p role="status">{words.changed}</p>}
        <div>
          <Button
            looks="main"
            isDisabled={busy || old === "" || next === ""}
            onPress={() => void keep()}
          >
            {words.changePassword}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
