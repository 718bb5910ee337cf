import { useQuery } from "@tanstack/react-query";
import type { FocusEvent } from "react";

import { api, type Schemas, told } from "../api/client";
import { Fault } from "../parts/fault";
import { Choices } from "../parts/field";
import { Guarded } from "../parts/guarded";
import { useNow } from "../parts/timer";
import { useSpoken } from "../words/language";
import type { Sites, Typed } from "./form";
import { readWhen, shortly, type When } from "./when";
import { type BookingWords, useBookingWords } from "./words";

const SHOWN = 9; // one a digit
export type Free = Schemas["FreeTimes"];

/** The next free times at a site for so many; asked again when somebody else was first. */
export function useFree(site: string | null, people: number) {
  return useQuery({
    queryKey: ["booking-slots", site, people],
    queryFn: () =>
      told(api.GET("/api/bookings/slots", { params: { query: { site: site ?? "", people } } })),
    enabled: site !== null && site !== "",
    staleTime: 0,
  });
}

/** What the box says, by the times on the screen. */
export function whenOf(typed: Typed, free: Free | undefined, sites: Sites): When | null {
  const offered = (free?.slots ?? []).slice(0, SHOWN);
  const today = sites.sites.map((site) => site.first).sort()[0] ?? "";
  return readWhen(typed.when, offered, today);
}

/** Site, day and time: the next free ones stand beside the box, and their digit is enough. */
export function Times(props: {
  readonly typed: Typed;
  readonly sites: Sites;
  readonly when: When | null;
  readonly holdUntil: number | null;
  readonly faults: Readonly<Record<string, string>>;
  readonly onChange: (changed: Partial<Typed>) => void;
  readonly onTime: () => void; // the time was said: it is held, where we sell it
}) {
  const words = useBookingWords();
  const { language } = useSpoken();
  const { typed, sites, when, faults } = props;
  const free = useFree(typed.site, typed.party.length);
  const isUnread = typed.when.trim() !== "" && when === null;
  return (
    <div className="grid grid-cols-1 gap-x-3 gap-y-2 sm:grid-cols-2">
      <div data-stop data-script="site">
        <Choices
          label={words.site}
          value={typed.site ?? ""}
          empty="—"
          fault={faults["site"]}
          choices={sites.sites.map((site) => ({ value: site.code, text: site[language] }))}
          onChange={(site) => props.onChange({ site })}
        />
      </div>
      <div data-stop data-script="slot" onBlur={props.onTime} onFocus={selectAll}>
        <Guarded
          label={words.when}
          hint={words.whenHint}
          hintBelow
          longest={40}
          fault={isUnread ? words.noSuchTime : (faults["day"] ?? faults["start"])}
          value={typed.when}
          autoFocus={typed.mode === "change"}
          onChange={(text) => props.onChange({ when: text })}
        />
        <p role="status" className="min-h-6 font-bold">
          {when !== null && shortly(when, language)} <Hold until={props.holdUntil} words={words} />
        </p>
      </div>
      <div className="sm:col-span-2">
        <Fault error={free.error} />
        <NextFree free={free.data} master={sites.master} words={words} language={language} />
        {faults["following"] !== undefined && (
          <p role="alert" className="font-bold text-red-900">
            {words.following}: {faults["following"]}
          </p>
        )}
      </div>
    </div>
  );
}

/** What is typed takes the place of what stands there. */
function selectAll(event: FocusEvent<HTMLElement>): void {
  if (event.target instanceof HTMLInputElement) event.target.select();
}

function Hold(props: { readonly until: number | null; readonly words: BookingWords }) {
  const now = useNow();
  if (props.until === null) return null;
  const left = Math.ceil(props.until - now);
  if (left <= 0) return <span className="text-red-900">{props.words.heldOver}</span>;
  return (
    <span className="tabular-nums">
      <span aria-hidden="true">✓ </span>
      {props.words.held} {Math.floor(left / 60)}:{String(left % 60).padStart(2, "0")}
    </span>
  );
}

function NextFree(props: {
  readonly free: Free | undefined;
  readonly master: string;
  readonly words: BookingWords;
  readonly language: "ja" | "en";
}) {
  const { free, words, language } = props;
  if (free === undefined) return null;
  if (free.slots.length === 0) return <p>{words.noFree}</p>;
  const [first] = free.slots;
  return (
    <>
      <ol aria-label={words.free} className="flex flex-wrap gap-x-3 tabular-nums">
        {free.slots.slice(0, SHOWN).map((slot, at) => (
          <li key={`${slot.day} ${slot.start}`} className={at < 3 ? "font-bold" : ""}>
            <kbd aria-hidden="true" className="rounded-sm border px-1 text-xs font-normal">
              {at + 1}
            </kbd>{" "}
            {shortly(slot, language)}
          </li>
        ))}
      </ol>
      {props.master === "city" && first !== undefined && (
        <p className="text-sm">
          {clockOf(first.known_at)}
          {words.asOf} {words.hint}
        </p>
      )}
    </>
  );
}

/** Of the server's instants, in Japan. */
export function clockOf(at: number): string {
  const how = { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Tokyo" } as const;
  return new Intl.DateTimeFormat("ja-JP", how).format(at * 1000);
}
