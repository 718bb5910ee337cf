import { api, told } from "../api/client";
import { useCatalogue } from "../catalogue";
import { useFeed } from "../news/feed";
import { Button } from "../parts/button";
import { Since } from "../parts/timer";
import { useForget, useSigned } from "../session";
import { useSay, useSpoken } from "../words/language";
import { Tile, Waiting } from "./lines";

/** The line page for everybody who has no desk: read only, no personal data. */
export function Board() {
  const { words, other } = useSpoken();
  const say = useSay();
  const { floor, connected } = useFeed();
  const { person } = useSigned();
  const catalogue = useCatalogue();
  const forget = useForget();
  if (catalogue === undefined) return null;
  const leave = async () => {
    await told(api.DELETE("/api/session")).catch(() => undefined);
    await forget();
  };
  return (
    <main className="mx-auto flex max-w-screen-xl flex-col gap-4 p-4">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-2xl font-bold">{words.boardTitle}</h1>
        {person.role !== "display" && (
          <div className="flex gap-2">
            <p className="self-center">{person.announced_name}</p>
            <Button onPress={other}>{words.language}</Button>
            <Button onPress={() => void leave()}>{words.signOut}</Button>
          </div>
        )}
      </header>
      {!(connected && !floor.away) && (
        <p role="status" className="border-2 border-yellow-900 bg-yellow-50 p-2">
          ⚠ {connected ? words.controllerAway : words.connectionLost}
        </p>
      )}
      <ul className="grid grid-cols-2 gap-3 text-xl md:grid-cols-3 lg:grid-cols-6">
        {floor.lines.map((line) => (
          <Tile key={line.number} line={line} catalogue={catalogue} />
        ))}
      </ul>
      <section className="rounded-lg border border-neutral-500 bg-white p-3 text-2xl">
        <Waiting />
      </section>
      <section aria-label={words.agents} className="rounded-lg border border-neutral-500 bg-white p-3">
        <h2 className="text-lg font-bold">{words.agents}</h2>
        <ul className="grid grid-cols-2 gap-2 md:grid-cols-3">
          {floor.agents.map((agent) => (
            <li key={agent.seat} className="rounded-md border border-neutral-500 p-2">
              <span className="font-bold">{agent.name}</span>{" "}
              {say(catalogue.states.states[agent.state], agent.state)} <Since at={agent.since} />
            </li>
          ))}
        </ul>
      </section>
    </main>
  );
}
