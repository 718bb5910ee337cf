import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, Problem, told } from "../api/client";
import { useAgent } from "../news/feed";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { Field } from "../parts/field";
import { Sheet } from "../parts/panel";
import { useSession, useSigned, useSignOut } from "../session";
import { useWords } from "../words/language";
import { inTurn, type Lock, noLockHere, useTellsTheDesk } from "./lockedHere";

const PERSONAL = ["card", "unsent", "last letter"]; // what the page knew of citizens

/** Nothing of a call is on a locked page; whoever comes next signs out and in. */
export function Locked({ here }: { readonly here: Lock | null }) {
  const words = useWords();
  const { person, session } = useSigned();
  const query = useSession();
  const signOut = useSignOut();
  const agent = useAgent(session.seat ?? null);
  const [asked, setAsked] = useState<"pin" | "password">("pin");
  const withPin = session.pin_set && asked === "pin"; // a PIN may end while the page is locked
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<unknown>(null);
  const queries = useQueryClient();
  const isWaiting = useTellsTheDesk(here);
  useEffect(() => {
    for (const key of PERSONAL) queries.removeQueries({ queryKey: [key] });
  }, [queries]);

  const unlock = async () => {
    setError(null);
    const body = withPin ? { pin: typed.normalize("NFKC") } : { password: typed };
    try {
      await inTurn(() => told(api.POST("/api/session/unlock", { body })).then(noLockHere));
      await query.refetch();
    } catch (problem) {
      setTyped("");
      setError(problem);
      await query.refetch();
    }
  };
  const leave = async () => {
    await signOut().catch(setError);
  };
  return (
    <Sheet title={words.locked}>
      <p>{person.announced_name}</p>
      {here !== null && isWaiting && (
        <p role="status" className="rounded-md border-2 border-yellow-900 bg-yellow-50 px-3 py-2">
          <span aria-hidden="true">⚠ </span>
          {here.isTold ? words.breakUntold : words.lockUntold}
        </p>
      )}
      {here?.refused != null && <Fault error={new Problem(409, ...here.refused)} />}
      {agent?.state === "offered" && (
        <p role="alert" className="lamp-ringing border-4 border-red-900 p-2 font-bold text-red-900">
          {words.ringing}
        </p>
      )}
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed !== "") void unlock();
        }}
      >
        <Field
          key={String(withPin)}
          label={withPin ? words.pin : words.password}
          type="password"
          inputMode={withPin ? "numeric" : "text"}
          autoComplete="off"
          value={typed}
          onChange={setTyped}
          autoFocus
        />
        <Fault error={error} />
        <Button looks="main" type="submit" isDisabled={typed === ""}>
          {words.unlock}
        </Button>
      </form>
      {session.pin_set && (
        <Button
          looks="quiet"
          onPress={() => {
            setTyped("");
            setAsked(withPin ? "password" : "pin");
          }}
        >
          {withPin ? words.orPassword : words.orPin}
        </Button>
      )}
      <Button looks="quiet" onPress={() => void leave()}>
        {words.signOut}
      </Button>
    </Sheet>
  );
}
