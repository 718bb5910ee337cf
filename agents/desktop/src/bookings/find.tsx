import { type KeyboardEvent, useRef, useState } from "react";

import { api, Problem, told } from "../api/client";
import { guard } from "../guard/individualNumber";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Guarded } from "../parts/guarded";
import { useSpoken } from "../words/language";
import type { Booking, Identity, Sites } from "./form";
import { Picks } from "./picks";
import { shortly } from "./when";
import { useBookingWords, wordOf } from "./words";

const MOST = 9; // one a digit
const ENOUGH = 2; // of name, birth date and notice number
const OVER = new Set(["cancelled", "expired", "held"]);

type Props = {
  readonly sites: Sites;
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly onKnown: (booking: Booking, spoken: readonly string[], by: Identity) => void;
};

/** One box finds; nothing is read out before two of three are right. */
export function Find({ sites, query, onQuery, onKnown }: Props) {
  const words = useBookingWords();
  const [found, setFound] = useState<readonly Booking[] | null>(null);
  const [chosen, setChosen] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const { busy, error, attempt } = useAttempt();
  const { language } = useSpoken();
  const search = () =>
    attempt(async () => {
      const body = { text: guard(query).text };
      const { bookings } = await told(api.POST("/api/bookings/search", { body }));
      const open = bookings.filter((booking) => !OVER.has(booking.status)).slice(0, MOST);
      setFound(open);
      setChosen(open.length === 1 ? (open[0]?.id ?? "") : "");
      // A digit chooses at once; of one alone, the questions take the focus.
      window.setTimeout(() => list.current?.querySelector("input")?.focus());
    });
  const names = (booking: Booking) => booking.party.map((card) => card.name).join("、");
  const place = (code: string) => sites.sites.find((site) => site.code === code)?.[language] ?? code;
  const one = found?.find((booking) => booking.id === chosen);
  return (
    <div className="flex flex-col gap-3">
      <div onKeyDownCapture={(event) => onlyEnter(event, () => void search())}>
        <Guarded
          label={words.find}
          hint={words.findHint}
          longest={40}
          fault={fieldsOf(error, language)["text"]}
          value={query}
          autoFocus
          onChange={onQuery}
        />
      </div>
      <div>
        <Button isDisabled={busy} onPress={() => void search()}>
          {words.search}
        </Button>
      </div>
      <Fault error={error} />
      {found?.length === 0 && <p role="status">{words.noneFound}</p>}
      {found !== null && found.length > 1 && (
        <div ref={list}>
          <Picks
            label={words.found}
            value={chosen}
            picks={found.map((booking) => ({
              value: booking.id,
              text: `${names(booking)} ${shortly(booking, language)} ${place(booking.site)} ${wordOf(words, `status_${booking.status}`)}`,
            }))}
            onPick={setChosen}
          />
        </div>
      )}
      {one !== undefined && (
        <>
          {found?.length === 1 && (
            <p role="status" className="font-bold">
              {words.found}: {names(one)} {wordOf(words, `status_${one.status}`)}
            </p>
          )}
          <TwoOfThree key={one.id} booking={one.id} onKnown={onKnown} />
        </>
      )}
    </div>
  );
}

/** Two of name, birth date and notice number. */
function TwoOfThree(props: { readonly booking: string; readonly onKnown: Props["onKnown"] }) {
  const words = useBookingWords();
  const { language } = useSpoken();
  const [name, setName] = useState("");
  const [birth, setBirth] = useState("");
  const [notice, setNotice] = useState("");
  const { error, attempt } = useAttempt();
  const said = [name, birth, notice].filter((text) => text.trim() !== "").length;
  const check = () =>
    attempt(async () => {
      const params = { path: { booking: props.booking } };
      const by = { name: guard(name).text, birth_date: guard(birth).text, notice_no: guard(notice).text };
      const read = api.POST("/api/bookings/{booking}/reading", { params, body: by });
      const { booking, spoken } = await told(read);
      props.onKnown(booking, spoken, by);
    });
  const faults = fieldsOf(error, language);
  return (
    <div
      role="group"
      aria-label={words.identity}
      className="flex flex-col gap-2 rounded-md border-2 border-blue-900 p-3"
      onKeyDownCapture={(event) => {
        if (said >= ENOUGH) onlyEnter(event, () => void check());
      }}
    >
      <div>
        <h3 className="font-bold">{words.identity}</h3>
        <p className="text-sm">{words.identityHint}</p>
      </div>
      <div className="grid grid-cols-1 gap-x-3 gap-y-2 sm:grid-cols-3">
        <div data-stop>
          <Guarded
            label={words.birthDate}
            longest={40}
            fault={faults["birth_date"]}
            value={birth}
            autoFocus
            onChange={setBirth}
          />
        </div>
        <div data-stop>
          <Guarded label={words.name} longest={40} fault={faults["name"]} value={name} onChange={setName} />
        </div>
        <div data-stop>
          <Guarded
            label={words.noticeNo}
            longest={40}
            fault={faults["notice_no"]}
            value={notice}
            onChange={setNotice}
          />
        </div>
      </div>
      <Fault error={error instanceof Problem && Object.keys(faults).length === 0 ? error : null} />
      <div>
        <Button isDisabled={said < ENOUGH} onPress={() => void check()}>
          {words.check}
        </Button>
      </div>
    </div>
  );
}

/** Enter does this, unless an IME takes it for itself. */
function onlyEnter(event: KeyboardEvent, act: () => void): void {
  const { nativeEvent, target } = event;
  if (event.key !== "Enter" || nativeEvent.isComposing || nativeEvent.keyCode === 229) return;
  if (!(target instanceof HTMLInputElement)) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}
