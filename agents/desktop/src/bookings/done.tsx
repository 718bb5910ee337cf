import { useRef, useState } from "react";

import { api, newKey, told } from "../api/client";
import { guard } from "../guard/individualNumber";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Guarded } from "../parts/guarded";
import { useKeys } from "../parts/keys";
import { useNow } from "../parts/timer";
import { useSpoken } from "../words/language";
import type { Booking, Sites } from "./form";
import { openSlip } from "./place";
import { Transcript } from "./transcript";
import { useBookingWords, wordOf } from "./words";

const MINUTE = 60;

type Props = {
  readonly booking: Booking;
  readonly call: string | null;
  readonly sites: Sites;
  readonly mayUndo: boolean;
  readonly onBooking: (booking: Booking) => void;
};

/** What was done, to be read back; what the city's system must still be told; undoing it. */
export function Done({ booking, call, sites, mayUndo, onBooking }: Props) {
  const words = useBookingWords();
  return (
    <div className="flex flex-col gap-3">
      <p role="status" className="flex flex-wrap items-center gap-3 text-xl font-bold">
        <span className="rounded-md border-2 border-neutral-900 px-2">
          {wordOf(words, `status_${booking.status}`)}
        </span>
        {booking.number != null && <span className="tabular-nums">{booking.number}</span>}
      </p>
      {booking.spoken.length > 0 && (
        <section aria-label={words.readBack} className="rounded-md border-l-8 border-blue-900 bg-blue-50 p-3">
          <h3 className="font-bold">{words.readBack}</h3>
          <ul className="text-lg">
            {booking.spoken.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </section>
      )}
      {!booking.whole && booking.spoken.length === 0 && <p role="status">{words.undone}</p>}
      {booking.owed != null && (
        <Owed key={booking.version} booking={booking} call={call} onBooking={onBooking} />
      )}
      {booking.whole && booking.status !== "cancelled" && (
        <div>
          <Button looks="quiet" onPress={() => openSlip(booking.id)}>
            {words.printSlip}
          </Button>
        </div>
      )}
      {mayUndo && (
        <Undo booking={booking} call={call} minutes={sites.undo_minutes} onBooking={onBooking} />
      )}
    </div>
  );
}

/** Copied into the city's system, and ticked with the number that it says. */
export function Owed(props: {
  readonly booking: Booking;
  readonly call: string | null;
  readonly onBooking: (booking: Booking) => void;
  readonly inWindow?: boolean; // where keys of one sign are the page's behind it
}) {
  const words = useBookingWords();
  const { language } = useSpoken();
  const { booking, call } = props;
  const box = useRef<HTMLDivElement>(null);
  const [number, setNumber] = useState(booking.owed === "agree" ? "" : (booking.number ?? ""));
  const [key] = useState(newKey);
  const { busy, error, attempt } = useAttempt();
  const tick = () =>
    attempt(async () => {
      const params = { path: { booking: booking.id } };
      const said = guard(number).text.normalize("NFKC").trim();
      const body = { key, version: booking.version, number: said, call };
      props.onBooking(await told(api.PUT("/api/bookings/{booking}/number", { params, body })));
    });
  const owes = { agree: words.owedAgree, change: words.owedChange, cancel: words.owedCancel };
  return (
    <section aria-label={words.transcript} className="flex flex-col gap-2 rounded-md border-2 border-yellow-900 p-3">
      <p className="font-bold">
        <span aria-hidden="true">⚠ </span>
        {owes[booking.owed as keyof typeof owes]}{" "}
        {booking.due_day != null && (
          <span>
            {words.dueBy} {booking.due_day}
          </span>
        )}
      </p>
      <Transcript
        booking={booking.id}
        version={booking.version}
        inWindow={props.inWindow ?? false}
        onEnd={() => box.current?.querySelector("input")?.focus()}
      />
      <div
        ref={box}
        className="flex flex-wrap items-end gap-2"
        onKeyDownCapture={(event) => {
          const composes = event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229;
          if (event.key !== "Enter" || composes || !(event.target instanceof HTMLInputElement)) return;
          event.preventDefault();
          event.stopPropagation();
          void tick();
        }}
      >
        <Guarded
          label={words.cityNumber}
          hint={words.cityNumberHint}
          longest={30}
          fault={fieldsOf(error, language)["number"]}
          value={number}
          onChange={setNumber}
        />
        <Button looks="main" isDisabled={busy || number.trim() === ""} onPress={() => void tick()}>
          {words.tick}
        </Button>
      </div>
      <Fault error={error} />
    </section>
  );
}

/** The last change or cancellation, while it is fresh. */
function Undo(props: {
  readonly booking: Booking;
  readonly call: string | null;
  readonly minutes: number;
  readonly onBooking: (booking: Booking) => void;
}) {
  const words = useBookingWords();
  const now = useNow();
  const [key] = useState(newKey);
  const { busy, error, attempt } = useAttempt();
  const { booking, call } = props;
  const isFresh = now - booking.changed_at < props.minutes * MINUTE;
  const undo = () =>
    attempt(async () => {
      const params = { path: { booking: booking.id } };
      const body = { key, version: booking.version, why: "", call };
      props.onBooking(await told(api.POST("/api/bookings/{booking}/undoing", { params, body })));
    });
  useKeys({ u: () => (isFresh ? void undo() : undefined) });
  if (!isFresh) return null;
  return (
    <div>
      <Button keys="U" isDisabled={busy} onPress={() => void undo()}>
        {words.undo}
      </Button>
      <Fault error={error} />
    </div>
  );
}
