import { api, type Schemas, told } from "../api/client";
import { guard } from "../guard/individualNumber";
import { isTooLong } from "../guard/length";
import { useSaved } from "../parts/saved";
import { fromDraft, type Typed } from "./form";

export type Drafted = Schemas["BookingDraftSeen"];

const LONGEST = { query: 40, when: 40, phone: 40, note: 1000, why: 200 } as const;
const LONGEST_OF_CARD = { name: 60, kana: 60, birth_date: 40, notice_no: 40 } as const;

/** The draft of a booking, on the server. */
export function useBookingDraft(call: string, draft: Drafted, begin: () => Typed) {
  return useSaved<Typed>({
    version: draft.version,
    begin: () => {
      const fresh = begin();
      return draft.form == null ? fresh : fromDraft(draft.form, fresh.site);
    },
    put: async (sent, version) => {
      const params = { path: { call } };
      const body = { version, form: guarded(sent) };
      const put = api.PUT("/api/calls/{call}/booking-draft", { params, body, keepalive: true });
      const kept = await told(put);
      return {
        version: kept.version,
        changed: kept.masked.length > 0 ? fromDraft(kept.form, sent.site) : null,
      };
    },
    isUnfit,
  });
}

function isUnfit(typed: Typed): boolean {
  const texts = Object.entries(LONGEST) as [keyof typeof LONGEST, number][];
  const ofCard = Object.entries(LONGEST_OF_CARD) as [keyof typeof LONGEST_OF_CARD, number][];
  return (
    texts.some(([field, longest]) => isTooLong(typed[field], longest)) ||
    typed.party.some((card) => ofCard.some(([field, longest]) => isTooLong(card[field], longest)))
  );
}

/** Nothing that may not be kept leaves the page, whatever field it was typed into. */
export function guarded(typed: Typed): Schemas["BookingTyped"] {
  const clean = (text: string) => guard(text).text;
  return {
    ...typed,
    query: clean(typed.query),
    when: clean(typed.when),
    phone: clean(typed.phone),
    note: clean(typed.note),
    why: clean(typed.why),
    needs: [...typed.needs],
    identity: typed.identity === null ? null : {
      name: clean(typed.identity.name),
      birth_date: clean(typed.identity.birth_date),
      notice_no: clean(typed.identity.notice_no),
    },
    party: typed.party.map((card) => ({
      ...card,
      name: clean(card.name),
      kana: clean(card.kana),
      birth_date: clean(card.birth_date),
      notice_no: clean(card.notice_no),
    })),
  };
}
