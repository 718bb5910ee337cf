import { queryOptions } from "@tanstack/react-query";

import { api, type Schemas, told } from "./client";

type Card = Schemas["Card"];

// A call that an agent began: no citizen's, so it has no card, no outcome, and is not held.
const OWN = "own-";
const AGAIN = 2; // times
const SOON = 150; // milliseconds, then twice that: on a busy machine the record is a moment behind
const ARRIVES_WITHIN = 200; // milliseconds after the news of the call; then the page asks for it

export function isCitizens(call: string | null | undefined): call is string {
  return call != null && !call.startsWith(OWN);
}

/** A call's card. It is forgotten as soon as nobody shows it. */
export function cardOf(call: string | null) {
  return queryOptions({
    queryKey: ["card", call],
    queryFn: () => (call !== null && call === coming?.call ? arrived(coming) : asked(call)),
    enabled: call !== null,
    gcTime: 0,
    retry: AGAIN,
    retryDelay: (failed) => SOON * 2 ** failed,
  });
}

function asked(call: string | null): Promise<Card> {
  return told(api.GET("/api/calls/{call}/card", { params: { path: { call: call ?? "" } } }));
}

// -- the desk sends the card by itself, right after the news that the call is here ---------------

type Coming = { readonly call: string; take: (card: Card) => void };
let coming: Coming | null = null;
let last = ""; // once for each call: what is asked for again must be new

/** The news say that this call is here now. */
export function expectCard(call: string): void {
  if (call === last) return;
  last = call;
  coming = { call, take: () => undefined };
}

/** The desk has sent it; one that nobody waits for is not kept. */
export function takeCard(card: Card): void {
  if (coming?.call === card.call) coming.take(card);
}

/** What the desk sends, or what it says when it is asked: whichever comes first. */
function arrived(of: Coming): Promise<Card> {
  return new Promise((resolve, reject) => {
    const late = window.setTimeout(() => asked(of.call).then(resolve, reject).finally(end), ARRIVES_WITHIN);
    const end = () => {
      window.clearTimeout(late);
      if (coming === of) coming = null;
    };
    of.take = (card) => {
      end();
      resolve(card);
    };
  });
}
