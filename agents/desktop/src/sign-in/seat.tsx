import { useState } from "react";

import { api, told } from "../api/client";
import { useCatalogue } from "../catalogue";
import { useFloor } from "../news/feed";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { Field } from "../parts/field";
import { Sheet } from "../parts/panel";
import { useAdopt, useSession, useSigned, useSignOut } from "../session";
import { useWords } from "../words/language";

/** Where to sit: a seat is a place with a telephone. */
export function Seat() {
  const words = useWords();
  const { person, session } = useSigned();
  const seats = useCatalogue()?.seats ?? [];
  const agents = useFloor((floor) => floor.agents);
  const adopt = useAdopt();
  const signOut = useSignOut();
  const [error, setError] = useState<unknown>(null);
  const [later, setLater] = useState(false);

  const take = async (seat: string, takeOver: boolean) => {
    setError(null);
    try {
      adopt(await told(api.POST("/api/seat", { body: { seat, take_over: takeOver } })));
    } catch (problem) {
      setError(problem);
    }
  };
  if (!session.pin_set && !later) return <Pin onLater={() => setLater(true)} />;
  return (
    <Sheet title={words.chooseSeat}>
      <p>{person.announced_name}</p>
      <ul className="flex flex-col gap-2">
        {seats.map((seat) => {
          const sitting = agents.find((agent) => agent.seat === seat.seat)?.person;
          const isTaken = sitting != null && sitting !== person.id;
          return (
            <li key={seat.seat}>
              <Button
                looks={isTaken ? "plain" : "main"}
                isDisabled={isTaken}
                onPress={() => void take(seat.seat, sitting === person.id)}
              >
                {seat.name} ({seat.seat})
                {isTaken && ` — ${words.seatTaken}`}
                {sitting === person.id && ` — ${words.takeOver}`}
              </Button>
            </li>
          );
        })}
      </ul>
      <Fault error={error} />
      <Button looks="quiet" onPress={() => void signOut().catch(setError)}>
        {words.signOut}
      </Button>
    </Sheet>
  );
}

function Pin({ onLater }: { readonly onLater: () => void }) {
  const words = useWords();
  const [pin, setPin] = useState("");
  const [error, setError] = useState<unknown>(null);
  const session = useSession();
  const digits = pin.normalize("NFKC").replace(/[^0-9]/gu, "");
  const keep = async () => {
    setError(null);
    try {
      await told(api.PUT("/api/session/pin", { body: { pin: digits } }));
      await session.refetch();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Sheet title={words.setPin}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void keep();
        }}
      >
        <Field
          label={words.pin}
          hint={words.pinHint}
          type="password"
          inputMode="numeric"
          autoComplete="off"
          value={pin}
          onChange={setPin}
          autoFocus
        />
        <Fault error={error} />
        <Button looks="main" type="submit" isDisabled={digits.length !== 6}>
          {words.save}
        </Button>
        <Button looks="quiet" onPress={onLater}>
          {words.later}
        </Button>
      </form>
    </Sheet>
  );
}
