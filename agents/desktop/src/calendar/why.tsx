import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { useWhy } from "./days";
import { useCalendarWords } from "./words";

/** Every layer's word on a day, the strongest first. */
export function Why({ date, onClose }: { readonly date: string; readonly onClose: () => void }) {
  const words = useCalendarWords();
  const why = useWhy(`${date}T12:00`);
  return (
    <Window title={`${date} ${words.whyTitle}`} isOpen onClose={onClose}>
      <Fault error={why.error} />
      {why.data !== undefined && <Reasons reasons={why.data.reasons} />}
      {why.data?.outreach.map((event) => (
        <p key={event.name}>
          {words.outreach}: {event.opens}–{event.closes} {event.place}
        </p>
      ))}
    </Window>
  );
}

type Reason = { readonly layer: string; readonly layer_ja: string; readonly name: string; readonly says: string };

export function Reasons({ reasons }: { readonly reasons: readonly Reason[] }) {
  return (
    <ol className="list-decimal pl-6">
      {reasons.map((reason) => (
        <li key={`${reason.layer} ${reason.name}`}>
          <span className="font-bold">{reason.layer_ja}</span> 「{reason.name}」 {reason.says}
        </li>
      ))}
    </ol>
  );
}
