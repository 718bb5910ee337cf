import { newKey, type Schemas } from "../api/client";
import type { When } from "./when";

export type Mode = "new" | "change" | "cancel";
export type Booking = Schemas["BookingSeen"];
export type Sites = Schemas["SitesSeen"];
export type CardTyped = {
  readonly name: string;
  readonly kana: string;
  readonly birth_date: string;
  readonly notice_no: string;
  readonly visitor: string;
  readonly reason: string;
};
/** By what somebody was known: two of three. */
export type Identity = {
  readonly name: string;
  readonly birth_date: string;
  readonly notice_no: string;
};
/** What is in the form; `key` names the deed that will come of it, also after a crash. */
export type Typed = {
  readonly mode: Mode;
  readonly key: string;
  readonly booking: string | null;
  readonly version: number;
  readonly held: string | null;
  readonly held_version: number;
  readonly query: string;
  readonly identity: Identity | null;
  readonly party: readonly CardTyped[];
  readonly site: string | null;
  readonly when: string;
  readonly phone: string;
  readonly transport: string;
  readonly needs: readonly string[];
  readonly face_auth: boolean;
  readonly answers: Readonly<Record<string, string>>;
  readonly explained: boolean;
  readonly note: string;
  readonly why: string;
};

export const NOBODY: CardTyped = {
  name: "",
  kana: "",
  birth_date: "",
  notice_no: "",
  visitor: "",
  reason: "",
};

export function empty(mode: Mode, site: string | null): Typed {
  return {
    mode,
    key: newKey(),
    booking: null,
    version: 0,
    held: null,
    held_version: 0,
    query: "",
    identity: null,
    party: [NOBODY],
    site,
    when: "",
    phone: "",
    transport: "",
    needs: [],
    face_auth: false,
    answers: {},
    explained: false,
    note: "",
    why: "",
  };
}

/** A draft as the server has it; what it does not say is empty. */
export function fromDraft(draft: Schemas["BookingTyped"], site: string | null): Typed {
  const { party, identity, ...rest } = draft;
  const known = Object.fromEntries(Object.entries(rest).filter(([, value]) => value != null));
  const cards = (party ?? []).map((card) => ({ ...NOBODY, ...card }));
  return {
    ...empty(draft.mode, site),
    ...known,
    identity: identity == null ? null : { name: "", birth_date: "", notice_no: "", ...identity },
    party: cards.length > 0 ? cards : [NOBODY],
  };
}

/** An existing booking in the form, to be changed or cancelled. */
export function fromBooking(mode: Mode, of: Booking, identity: Identity): Typed {
  const form = of.form as Partial<Typed>;
  return {
    ...empty(mode, of.site),
    booking: of.id,
    identity,
    version: of.version,
    party: of.party.map((card) => ({
      name: card.name,
      kana: card.kana,
      birth_date: card.birth_date,
      notice_no: card.notice_no,
      visitor: card.visitor,
      reason: card.reason ?? "",
    })),
    when: `${of.day} ${of.start}`,
    phone: form.phone ?? "",
    transport: form.transport ?? "",
    needs: form.needs ?? [],
    face_auth: form.face_auth ?? false,
    note: form.note ?? "",
    answers: form.answers ?? {},
  };
}

/** By which table, and with which answers, what to bring was decided. */
export type Explained = {
  readonly version: string | null;
  readonly answers: Readonly<Record<string, string>>;
};

type Wanted = Omit<Schemas["NewForm"], "key" | "call">;

/** What is sent; the server says what of it will not do. */
export function wanted(typed: Typed, when: When, told: Explained): Wanted {
  return {
    site: typed.site ?? "",
    day: when.day,
    start: when.start,
    kind: "pickup",
    channel: "phone",
    phone: typed.phone,
    transport: (typed.transport || null) as NonNullable<Wanted["transport"]> | null,
    needs: [...typed.needs] as NonNullable<Wanted["needs"]>,
    face_auth: typed.face_auth,
    docs_version: typed.explained ? told.version : null,
    answers: { ...told.answers },
    note: typed.note,
    party: typed.party.map((card) => ({
      name: card.name,
      kana: card.kana,
      birth_date: card.birth_date,
      notice_no: card.notice_no.trim() || null,
      visitor: (card.visitor || "self") as NonNullable<Schemas["CardForm"]["visitor"]>,
      reason: (card.visitor === "proxy" && card.reason ? card.reason : null) as NonNullable<
        Schemas["CardForm"]["reason"]
      > | null,
    })),
  };
}

/** What the table of what to bring is asked with: who comes follows from the form. */
export function facts(typed: Typed, age: number | null): Readonly<Record<string, string>> {
  const [card] = typed.party;
  const known: Record<string, string> = { ...typed.answers };
  if (card === undefined) return known;
  if (card.notice_no.trim() !== "") known["notice"] ??= "held";
  const isChild = age !== null && age < CHILD_BELOW;
  switch (card.visitor) {
    case "self":
      known["who"] = "self";
      break;
    case "self_with_legal_rep":
      known["who"] = isChild ? "child" : "ward";
      if (!isChild) known["guardian"] = "along";
      break;
    case "legal_rep":
      known["who"] = "ward";
      known["guardian"] = "alone";
      break;
    case "proxy":
      known["who"] = "proxy";
      if (card.reason !== "") known["reason"] = card.reason;
      break;
    default:
  }
  return known;
}

const CHILD_BELOW = 15; // full years at the counter
