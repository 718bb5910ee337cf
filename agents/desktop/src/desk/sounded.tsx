import { useSeatName } from "../news/feed";
import { clock } from "../parts/timer";
import { useSpoken } from "../words/language";
import type { Card } from "./call";

// How the line was, by the page that was the telephone; English has the same keys, or the build fails.
const ja = {
  title: "通話品質(推定)",
  heard: "受話",
  sent: "送話",
  lost: "損失",
  jitter: "ゆらぎ",
  roundTrip: "往復",
};
type QualityWords = { readonly [Key in keyof typeof ja]: string };
const en: QualityWords = {
  title: "Quality of the line (estimate)",
  heard: "heard",
  sent: "sent",
  lost: "lost",
  jitter: "jitter",
  roundTrip: "round trip",
};

type Leg = Card["quality"][number];

/** Each leg's loss, jitter and MOS, once its page has told of them. */
export function Sounded({ card }: { readonly card: Card }) {
  const words = useSpoken().language === "ja" ? ja : en;
  const nameOf = useSeatName();
  if (card.quality.length === 0) return null;
  const side = (name: string, of: Leg["heard"]) =>
    `${name} MOS ${of.mos.toFixed(1)} (${words.lost} ${(of.loss * 100).toFixed(1)} %, ` +
    `${words.jitter} ${milliseconds(of.jitter)})`;
  return (
    <section aria-label={words.title} className="text-sm">
      <h3 className="font-bold">{words.title}</h3>
      <ul>
        {card.quality.map((leg) => (
          <li key={leg.attempt} className="tabular-nums">
            {nameOf(leg.seat)} {clock(leg.seconds)}: {side(words.heard, leg.heard)}
            {leg.sent != null && ` / ${side(words.sent, leg.sent)}`}
            {leg.round_trip != null && ` / ${words.roundTrip} ${milliseconds(leg.round_trip)}`}
          </li>
        ))}
      </ul>
    </section>
  );
}

function milliseconds(seconds: number): string {
  return `${Math.round(seconds * 1000)} ms`;
}
