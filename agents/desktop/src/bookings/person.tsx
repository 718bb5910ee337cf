import { useEffect } from "react";

import { Button } from "../parts/button";
import { Guarded } from "../parts/guarded";
import { BirthDate, useEcho } from "./birthDate";
import type { CardTyped } from "./form";
import { Picks } from "./picks";
import { Spelled } from "./spelling";
import { useBookingWords } from "./words";

const VISITORS = ["self", "self_with_legal_rep", "legal_rep", "proxy"] as const;
const ADULT_AT_COUNTER = 15;
export const REASONS: Readonly<Record<string, { readonly ja: string; readonly en: string }>> = {
  illness: { ja: "病気", en: "illness" },
  hospital: { ja: "入院", en: "hospital" },
  facility: { ja: "施設入所", en: "facility" },
  disability: { ja: "障害", en: "disability" },
  care: { ja: "要介護・要支援", en: "care" },
  pregnancy: { ja: "妊娠", en: "pregnancy" },
  over75: { ja: "75歳以上", en: "75 or older" },
  pupil: { ja: "中学生以下", en: "pupil" },
  high_school: { ja: "高校生", en: "high school" },
  trip: { ja: "長期出張", en: "long trip" },
  abroad: { ja: "留学", en: "abroad" },
  other: { ja: "その他", en: "other" },
};

type Props = {
  readonly at: number;
  readonly card: CardTyped;
  readonly day: string | null;
  readonly language: "ja" | "en";
  readonly faults: Readonly<Record<string, string>>;
  readonly autoFocus: boolean;
  readonly onChange: (card: CardTyped) => void;
  readonly onRemove: (() => void) | null;
};

/** One card of the party, in the order in which the script asks. */
export function Person({ at, card, day, language, faults, ...props }: Props) {
  const words = useBookingWords();
  const set = (changed: Partial<CardTyped>) => props.onChange({ ...card, ...changed });
  const fault = (field: string) => faults[`party.${at}.${field}`];
  const { echo } = useEcho(card.birth_date, day);
  const isChild = echo !== null && echo.age < ADULT_AT_COUNTER;
  useEffect(() => {
    // A child never comes alone; whoever was chosen by hand stays.
    if (isChild && card.visitor === "") set({ visitor: "self_with_legal_rep" });
  }, [isChild]);
  return (
    <div className="grid grid-cols-1 gap-x-3 gap-y-2 sm:grid-cols-2 xl:grid-cols-4">
      <div data-stop data-script="notice_no">
        <Guarded
          label={words.noticeNo}
          longest={40}
          fault={fault("notice_no")}
          value={card.notice_no}
          autoFocus={props.autoFocus}
          onChange={(notice_no) => set({ notice_no })}
        />
        <Spelled text={card.notice_no} />
      </div>
      <div data-stop data-script="identity">
        <Guarded
          label={words.name}
          longest={60}
          fault={fault("name")}
          value={card.name}
          onChange={(name) => set({ name })}
        />
      </div>
      <div data-stop data-script="identity">
        <Guarded
          label={words.nameKana}
          longest={60}
          fault={fault("kana")}
          value={card.kana}
          onChange={(kana) => set({ kana })}
        />
      </div>
      <div data-script="identity">
        <BirthDate
          value={card.birth_date}
          day={day}
          fault={fault("birth_date")}
          onChange={(birth_date) => set({ birth_date })}
        />
      </div>
      <div data-script="who" className="sm:col-span-2 xl:col-span-4">
        <Picks
          label={words.visitor}
          value={card.visitor}
          fault={fault("visitor")}
          picks={VISITORS.map((value) => ({ value, text: words[value] }))}
          onPick={(visitor) => set({ visitor })}
        />
        {isChild && card.visitor === "self_with_legal_rep" && <p className="text-sm">{words.isChild}</p>}
        {card.visitor === "proxy" && (
          <Reason card={card} language={language} fault={fault("reason")} set={set} />
        )}
        {props.onRemove !== null && (
          <Button looks="quiet" onPress={props.onRemove}>
            {words.removePerson}
          </Button>
        )}
      </div>
    </div>
  );
}

function Reason(props: {
  readonly card: CardTyped;
  readonly language: "ja" | "en";
  readonly fault: string | undefined;
  readonly set: (changed: Partial<CardTyped>) => void;
}) {
  const words = useBookingWords();
  return (
    <Picks
      label={words.proxyReason}
      value={props.card.reason}
      fault={props.fault}
      picks={Object.entries(REASONS).map(([value, word]) => ({ value, text: word[props.language] }))}
      onPick={(reason) => props.set({ reason })}
    />
  );
}
