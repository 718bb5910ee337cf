import { useQuery, useQueryClient } from "@tanstack/react-query";
import { memo, useState } from "react";

import { api, told } from "../api/client";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { Panel } from "../parts/panel";
import { Scrolling } from "../parts/scrolling";
import { useWords } from "../words/language";
import { Owed } from "./done";
import type { Booking } from "./form";
import { clockOf } from "./times";
import { shortly } from "./when";
import { useBookingWords } from "./words";

const SHOWN = 50;

/** How much is owed, without a name: for the board, and at the close of the day. */
export function useOwedCount() {
  return useQuery({
    queryKey: ["bookings-owed", "count"],
    queryFn: () => told(api.GET("/api/bookings/owed-count")),
  }).data;
}

/** One line for the board. */
export function OwedLine() {
  const words = useBookingWords();
  const count = useOwedCount();
  if (count === undefined) return null;
  return (
    <p role="status" className="text-lg">
      <span className="font-bold">
        {words.owedTitle} {count.owed}
        {words.count}
      </span>
      {count.due > 0 && ` — ${words.owedToday} ${count.due}${words.count}`}
      {count.late > 0 && (
        <span className="font-bold text-red-900">
          {" "}
          <span aria-hidden="true">⚠ </span>
          {words.owedLate} {count.late}
          {words.count}
        </span>
      )}
    </p>
  );
}

/** The longest owed, without a citizen's name: on the wall, and before whoever goes home. */
export function OwedFirst() {
  const words = useBookingWords();
  const count = useOwedCount();
  if (count === undefined || count.first.length === 0) return null;
  return (
    <ol aria-label={words.owedTitle} className="text-base">
      {count.first.map((one) => (
        <li key={`${one.since} ${one.announced_name}`} className="border-t border-neutral-400">
          {one.late && <span aria-hidden="true">⚠ </span>}
          <strong>{saysOwed(one.owed, words)}</strong> {clockOf(one.since)} {one.announced_name}
          {one.late && ` — ${words.owedLate}`}
        </li>
      ))}
    </ol>
  );
}

/** 未転記: what the city's system must still be told, longest owed first, and doing so. */
export const OwedList = memo(function OwedList() {
  const words = useBookingWords();
  const { close } = useWords();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Booking | null>(null);
  const owed = useQuery({
    queryKey: ["bookings-owed", "list"],
    queryFn: () => told(api.GET("/api/bookings/owed")),
    gcTime: 0,
  });
  const sites = useQuery({
    queryKey: ["booking-sites"],
    queryFn: () => told(api.GET("/api/bookings/sites")),
  });
  const list = owed.data?.bookings.slice(0, SHOWN) ?? [];
  const done = () => {
    setChosen(null);
    void queries.invalidateQueries({ queryKey: ["bookings-owed"] });
  };
  if (sites.data?.master === "own") return null; // nobody else is to be told
  return (
    <Panel title={words.owedTitle}>
      <Fault error={owed.error} />
      {owed.data !== undefined && list.length === 0 ? <p>{words.owedNone}</p> : <OwedLine />}
      <Scrolling label={words.owedTitle} height="max-h-56">
        {list.map((booking) => (
          <li
            key={booking.id}
            className="flex flex-wrap items-center justify-between gap-1 border-t border-neutral-400"
          >
            <span>
              {booking.party.map((card) => card.name).join("、")} {shortly(booking, "ja")}{" "}
              <strong>{saysOwed(booking.owed, words)}</strong> ({booking.announced_name})
            </span>
            <Button
              looks="quiet"
              aria-label={`${words.open_owed}: ${booking.party[0]?.name ?? ""}`}
              onPress={() => setChosen(booking)}
            >
              {words.open_owed}
            </Button>
          </li>
        ))}
      </Scrolling>
      <Window title={words.transcript} isOpen={chosen !== null} onClose={() => setChosen(null)}>
        {chosen !== null && <Owed booking={chosen} call={null} onBooking={done} inWindow />}
        <Button looks="quiet" onPress={() => setChosen(null)}>
          {close}
        </Button>
      </Window>
    </Panel>
  );
});

function saysOwed(owed: string | null | undefined, words: ReturnType<typeof useBookingWords>): string {
  switch (owed) {
    case "change":
      return words.change;
    case "cancel":
      return words.cancel;
    default:
      return words.new;
  }
}

/** The day's close: whoever goes home is told what is still owed. */
export function CloseOfDay(props: {
  readonly isOpen: boolean;
  readonly onLeave: () => void;
  readonly onStay: () => void;
}) {
  const words = useBookingWords();
  return (
    <Window title={words.closeTitle} isOpen={props.isOpen} onClose={props.onStay}>
      <p>{words.closeSays}</p>
      <OwedLine />
      <OwedFirst />
      <div className="flex flex-wrap gap-2">
        <Button looks="main" onPress={props.onStay} autoFocus>
          {words.stay}
        </Button>
        <Button looks="danger" onPress={props.onLeave}>
          {words.closeAnyway}
        </Button>
      </div>
    </Window>
  );
}
