import { memo } from "react";

import type { Catalogue } from "../catalogue";
import { useIsResumed } from "../desk/resumed";
import { useAgent, useFloor } from "../news/feed";
import type { Line } from "../news/floor";
import { Panel } from "../parts/panel";
import { clock, Since, useNow } from "../parts/timer";
import { useSay, useWords } from "../words/language";

// Shape, text and rhythm beside colour: each state is told three times.
const LOOKS: Readonly<Record<string, readonly [string, string]>> = {
  idle: ["○", "border-neutral-500 bg-white text-neutral-900"],
  ringing: ["◆", "lamp-ringing border-red-900 bg-red-50 text-red-1000"],
  menu: ["☰", "border-blue-900 bg-blue-50 text-blue-1100"],
  waiting: ["◇", "border-yellow-900 bg-yellow-50 text-yellow-1100"],
  talking: ["●", "border-red-900 bg-red-900 text-white"],
  hold: ["‖", "lamp-hold border-yellow-900 bg-yellow-100 text-yellow-1100"],
  dialling: ["↗", "border-blue-900 bg-blue-50 text-blue-1100"],
  outbound: ["↗", "border-red-900 bg-red-900 text-white"],
  closed: ["－", "border-neutral-500 bg-neutral-100 text-neutral-900"],
  fault: ["✕", "border-black bg-neutral-200 text-black"],
};

/** Six tiles, and how many wait; nothing here can be pressed. */
export const Lines = memo(function Lines({ catalogue }: { readonly catalogue: Catalogue }) {
  const words = useWords();
  const lines = useFloor((floor) => floor.lines);
  return (
    <Panel title={words.lines}>
      <ul className="grid grid-cols-2 gap-2 xl:grid-cols-3">
        {lines.map((line) => (
          <Tile key={line.number} line={line} catalogue={catalogue} />
        ))}
      </ul>
      <Waiting />
    </Panel>
  );
});

type TileProps = { readonly line: Line; readonly catalogue: Catalogue };
export const Tile = memo(function Tile({ line, catalogue }: TileProps) {
  const words = useWords();
  const say = useSay();
  const agent = useAgent(line.agent ?? null);
  const isResumed = useIsResumed(line.call);
  const [shape, looks] = LOOKS[line.state] ?? ["?", "border-black"];
  return (
    <li className={`rounded-md border-2 p-2 ${looks} forced-colors:border-[CanvasText]`}>
      <p className="text-[0.875em]">
        {words.line}
        {line.number} {line.overflow && words.forOverflow}
      </p>
      <p className="font-bold">
        <span aria-hidden="true">{shape} </span>
        {say(catalogue.states.lines[line.state], line.state)}
      </p>
      <p className="min-h-[1.25em] text-[0.875em]">
        {agent?.name ?? line.agent} {isResumed && words.resumed} {line.state !== "idle" && <Since at={line.since} />}
      </p>
    </li>
  );
});

export function Waiting() {
  const words = useWords();
  const queues = useFloor((floor) => floor.queues);
  const lines = useFloor((floor) => floor.lines);
  const now = useNow();
  const waiting = queues.reduce((sum, queue) => sum + (queue.waiting ?? 0), 0);
  const since = queues.flatMap((queue) => (queue.waiting_since == null ? [] : [queue.waiting_since]));
  const longest = since.length === 0 ? 0 : now - Math.min(...since);
  const ours = lines.filter((line) => !line.overflow);
  const allBusy = ours.length > 0 && ours.every((line) => line.state !== "idle");
  return (
    <>
      {allBusy && (
        <p role="status" className="mt-2 border-4 border-red-900 p-1 text-center font-bold text-red-900">
          {words.allBusy}
        </p>
      )}
      <p className="mt-2 text-[1.125em]" aria-live="polite">
        <span className="font-bold">
          {words.waiting} {waiting}
          {words.persons}
        </span>
      </p>
      <p className="tabular-nums">
        {words.longestWait} {clock(longest)}
      </p>
    </>
  );
}
