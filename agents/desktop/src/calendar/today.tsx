import { Fault } from "../parts/fault";
import { Panel } from "../parts/panel";
import { useSpoken } from "../words/language";
import { useWhy } from "./days";
import { Modes } from "./modes";
import { Reasons } from "./why";
import { useCalendarWords } from "./words";

/** Open or closed now, until when, and on whose word. */
export function Today() {
  const words = useCalendarWords();
  const { language } = useSpoken();
  const why = useWhy(null);
  const shown = (at: string) =>
    new Intl.DateTimeFormat(language === "ja" ? "ja-JP" : "en-GB", {
      dateStyle: "full",
      timeStyle: "short",
      timeZone: "Asia/Tokyo",
    }).format(new Date(at));
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      <Panel title={words.today}>
        <Fault error={why.error} />
        {why.data !== undefined && (
          <>
            <p className="text-2xl font-bold">{why.data.open ? words.open : words.closed}</p>
            <dl className="grid grid-cols-[auto_1fr] gap-x-4 tabular-nums">
              <dt>{words.decidedBy}</dt>
              <dd>
                {why.data.layer_ja}「{why.data.name}」
              </dd>
              {why.data.opens != null && why.data.closes != null && (
                <>
                  <dt>{words.hours}</dt>
                  <dd>
                    {why.data.opens.slice(11, 16)}–{why.data.closes.slice(11, 16)}
                  </dd>
                </>
              )}
              <dt>{words.lines}</dt>
              <dd>{why.data.lines ?? words.allLines}</dd>
              {why.data.next_opening != null && (
                <>
                  <dt>{words.nextOpening}</dt>
                  <dd>{shown(why.data.next_opening)}</dd>
                </>
              )}
            </dl>
            <h3 className="mt-3 font-bold">{words.why}</h3>
            <Reasons reasons={why.data.reasons} />
          </>
        )}
      </Panel>
      <Modes />
    </div>
  );
}
