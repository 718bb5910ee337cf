import { api, told } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Guarded } from "../parts/guarded";
import { useSpoken } from "../words/language";
import { useEcho } from "./birthDate";
import { Bring, type Bringing } from "./bring";
import { NOBODY, type Sites, type Typed } from "./form";
import { Person } from "./person";
import { Marks, Picks } from "./picks";
import { ScriptLine, useStep } from "./script";
import { Times } from "./times";
import type { When } from "./when";
import { useBookingWords } from "./words";

const TRANSPORT = ["none", "car", "public", "walk", "welfare_car"] as const;
const NEEDS = [
  "wheelchair", "sign_language", "writing", "large_print", "interpreter", "stroller", "other",
] as const;
const FACE = "face_auth";

type Props = {
  readonly call: string;
  readonly typed: Typed;
  readonly sites: Sites;
  readonly when: When | null;
  readonly holdUntil: number | null;
  readonly bringing: { readonly data: Bringing | undefined; readonly error: unknown };
  readonly error: unknown;
  readonly onChange: (changed: Partial<Typed>) => void;
  readonly onTime: () => void;
};

/** The form of a booking, in the order of the script; Enter goes from each field to the next. */
export function Entry(props: Props) {
  const words = useBookingWords();
  const { language } = useSpoken();
  const { typed, when, sites } = props;
  const { step, follow } = useStep("purpose");
  const faults = fieldsOf(props.error, language);
  const party = (at: number, card: Typed["party"][number]) =>
    props.onChange({ party: typed.party.map((each, index) => (index === at ? card : each)) });
  return (
    <div className="flex flex-col gap-3" {...follow}>
      <ScriptLine step={step} known={{ site: typed.site, when, people: typed.party.length }} />
      {typed.mode === "change" && (
        <Times {...props} faults={faults} />
      )}
      {typed.party.map((card, at) => (
        <div key={at} role="group" aria-label={`${at + 1} ${words.person}`}>
          {typed.party.length > 1 && (
            <h3 className="font-bold">
              {at + 1} {words.person}
            </h3>
          )}
          <Person
            at={at}
            card={card}
            day={when?.day ?? null}
            language={language}
            faults={faults}
            autoFocus={typed.mode === "new" && (at === 0 || card === NOBODY)}
            onChange={(changed) => party(at, changed)}
            onRemove={
              typed.party.length > 1
                ? () => props.onChange({ party: typed.party.filter((_, index) => index !== at) })
                : null
            }
          />
        </div>
      ))}
      {typed.party.length < sites.party_max && (
        <div>
          <Button looks="quiet" onPress={() => props.onChange({ party: [...typed.party, NOBODY] })}>
            {words.addPerson}
          </Button>
        </div>
      )}
      {typed.mode === "new" && <Times {...props} faults={faults} />}
      <Particulars {...props} faults={faults} />
      <Bring
        typed={typed}
        bringing={props.bringing.data}
        error={props.bringing.error}
        onChange={props.onChange}
      />
    </div>
  );
}

type Faults = { readonly faults: Readonly<Record<string, string>> };

/** How to reach them, how they come, and what should be ready for them. */
function Particulars({ call, typed, faults, onChange }: Props & Faults) {
  const words = useBookingWords();
  const { error, attempt } = useAttempt();
  const callers = () =>
    attempt(async () => {
      const asked = api.POST("/api/calls/{call}/number", { params: { path: { call } } });
      onChange({ phone: (await told(asked)).number.replace(/^\+81/u, "0") });
    });
  const marked = [...typed.needs, ...(typed.face_auth ? [FACE] : [])];
  return (
    <div data-script="needs" className="grid grid-cols-1 gap-x-3 gap-y-2 sm:grid-cols-2">
      <div>
        <div data-stop>
          <Guarded
            label={words.phone}
            longest={40}
            fault={faults["phone"]}
            value={typed.phone}
            onChange={(phone) => onChange({ phone })}
          />
        </div>
        <Button looks="quiet" onPress={() => void callers()}>
          {words.callersNumber}
        </Button>
        <Fault error={error} />
      </div>
      <div data-stop>
        <Guarded
          label={words.note}
          longest={1000}
          fault={faults["note"]}
          value={typed.note}
          onChange={(note) => onChange({ note })}
        />
      </div>
      <Picks
        label={words.transport}
        value={typed.transport === "" ? "none" : typed.transport}
        picks={TRANSPORT.map((value) => ({ value, text: words[value] }))}
        onPick={(transport) => onChange({ transport: transport === "none" ? "" : transport })}
      />
      <Marks
        label={words.needs}
        marked={marked}
        picks={[
          ...NEEDS.map((value) => ({ value, text: words[value] })),
          { value: FACE, text: words.faceAuth },
        ]}
        onMark={(chosen) =>
          onChange({ needs: chosen.filter((each) => each !== FACE), face_auth: chosen.includes(FACE) })
        }
      />
    </div>
  );
}

/** The age at the counter of whoever is first in the party. */
export function useAge(typed: Typed, when: When | null): number | null {
  return useEcho(typed.party[0]?.birth_date ?? "", when?.day ?? null).echo?.age ?? null;
}
