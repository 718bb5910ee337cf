import type { Catalogue } from "../catalogue";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { useSay, useWords } from "../words/language";
import type { Words } from "../words/words";

const ROWS: readonly (readonly [string, (words: Words) => string])[] = [
  ["F2", (words) => `${words.answer} / ${words.hold} / ${words.resume}`],
  ["Shift+F2", (words) => words.hangUp],
  ["F4", (words) => words.keepAndFinish],
  ["Shift+F4", (words) => words.transfer],
  ["R", (words) => words.ready],
  ["A", (words) => words.pause],
  ["W", (words) => words.cardWork],
  ["+", (words) => `${words.pieces} ${words.plusOne}`],
  ["*", (words) => `${words.pieces} ${words.plusTen}`],
  ["-", (words) => `${words.pieces} ${words.undo}`],
  ["N", (words) => words.showNumber],
  ["B", (words) => words.booking],
  ["P", (words) => words.promise],
  ["0-9", (words) => words.owedKeys],
  ["H", (words) => words.handUp],
  ["V", (words) => words.louder],
  ["L", (words) => words.lock],
  ["?", (words) => words.keysTitle],
];

/** Every key there is. */
export function KeyTable(props: {
  readonly catalogue: Catalogue;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const words = useWords();
  const say = useSay();
  const chosen = Object.values(props.catalogue.outcomes.dispositions).flatMap((disposition) =>
    disposition.key == null
      ? []
      : [[disposition.key.toUpperCase(), `${words.disposition}: ${say(disposition)}`] as const],
  );
  const rows = [...ROWS.map(([key, says]) => [key, says(words)] as const), ...chosen];
  return (
    <Window title={words.keysTitle} isOpen={props.isOpen} onClose={props.onClose}>
      <table className="w-full border-collapse text-left">
        <thead>
          <tr className="border-b-2 border-neutral-800">
            <th scope="col" className="p-2">
              {words.key}
            </th>
            <th scope="col" className="p-2">
              {words.does}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([key, says]) => (
            <tr key={key} className="border-b border-neutral-500">
              <th scope="row" className="p-2">
                <kbd className="rounded-sm border border-neutral-800 px-2">{key}</kbd>
              </th>
              <td className="p-2">{says}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Button onPress={props.onClose}>{words.close}</Button>
    </Window>
  );
}
