import { OwedFirst, OwedLine } from "../bookings/owed";
import { useCatalogue } from "../catalogue";
import { useFloor, useStale } from "../news/feed";
import { Since } from "../parts/timer";
import { useSay, useWords } from "../words/language";
import { Closing } from "./closing";
import { Tile, Waiting } from "./lines";

/** On a wall: nobody touches it, and it never signs itself out. */
export function WallBoard() {
  const words = useWords();
  return (
    <main className="mx-auto flex max-w-screen-xl flex-col gap-4 p-4">
      <h1 className="text-2xl font-bold">{words.boardTitle}</h1>
      <Board />
    </main>
  );
}

/** The lines for everybody who has no desk: read only, no personal data. */
export function Board() {
  const words = useWords();
  const say = useSay();
  const floor = useFloor((all) => all);
  const stale = useStale();
  const catalogue = useCatalogue();
  if (catalogue === undefined) return null;
  return (
    <div className="flex flex-col gap-4">
      {stale !== null && (
        <p role="status" className="border-2 border-yellow-900 bg-yellow-50 p-2">
          ⚠ {words[stale]}
        </p>
      )}
      <Closing />
      <ul className="grid grid-cols-2 gap-3 text-xl md:grid-cols-3 lg:grid-cols-6">
        {floor.lines.map((line) => (
          <Tile key={line.number} line={line} catalogue={catalogue} />
        ))}
      </ul>
      <section className="rounded-lg border border-neutral-500 bg-white p-3 text-2xl">
        <Waiting />
        <OwedLine />
        <OwedFirst />
      </section>
      <section aria-label={words.agents} className="rounded-lg border border-neutral-500 bg-white p-3">
        <h2 className="text-lg font-bold">{words.agents}</h2>
        <ul className="grid grid-cols-2 gap-2 text-xl md:grid-cols-3">
          {floor.agents.map((agent) => (
            <li key={agent.seat} className="rounded-md border border-neutral-500 p-2">
              <span className="font-bold">{agent.name}</span>{" "}
              {say(catalogue.states.states[agent.state], agent.state)} <Since at={agent.since} />
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
