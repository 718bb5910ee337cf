import { useQuery } from "@tanstack/react-query";

import { api, type Schemas, told } from "../api/client";
import type { Agent } from "../news/floor";
import { useWords } from "../words/language";

const WRITTEN_WITHIN = 2000; // milliseconds
const TIMES = 10; // that a record is asked for; one of long ago says nothing of the telephone
const CLOCK = new Intl.DateTimeFormat("ja-JP", { timeStyle: "short", timeZone: "Asia/Tokyo" });

/** Why an offer was not taken: when, which of the seat's telephones rang, and what was wrong. */
export function MissedOffers({ agent }: { readonly agent: Agent }) {
  const words = useWords();
  const missed = agent.missed ?? [];
  const latest = missed.at(-1)?.at ?? 0;
  // The news say that there is another one; which telephone it was, the call's record says, later.
  const found = useQuery({
    queryKey: ["missed", latest],
    queryFn: () => told(api.GET("/api/me/missed")),
    enabled: missed.length > 0,
    refetchInterval: ({ state }) =>
      (state.data === undefined || state.data.missed.at(-1)?.phone === null) &&
      state.dataUpdateCount + state.errorUpdateCount < TIMES &&
      WRITTEN_WITHIN,
  }).data?.missed;
  return (
    <>
      <h3 className="mt-2 font-bold">{words.missedOffers}</h3>
      {missed.length === 0 && <p>{words.missedNone}</p>}
      <ol>
        {(found ?? missed.map((one) => ({ ...one, phone: null }))).map((one) => (
          <li key={`${one.call}-${one.at}`}>
            {CLOCK.format(one.at * 1000)} <Why missed={one} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Why({ missed }: { readonly missed: Schemas["MissedOffer"] }) {
  const words = useWords();
  const why: Readonly<Record<string, string>> = {
    no_answer: words.noAnswer,
    busy: words.busy,
    declined: words.declined,
    unreachable: words.unreachable,
  };
  const device: Readonly<Record<string, string>> = {
    free: words.phoneFree,
    in_use: words.phoneInUse,
    gone: words.phoneGone,
  };
  const because = why[missed.why] ?? missed.why;
  // Of a page that has gone the state is told that the desk phone beside it has.
  if (missed.phone === "browser") return `${because} (${words.phoneOfPage})`;
  if (missed.phone === null) return because; // it may have been either
  return `${because} (${words.phoneOfDesk}: ${device[missed.device] ?? missed.device})`;
}
