import { useQuery } from "@tanstack/react-query";

import { api, told } from "../api/client";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { useWords } from "../words/language";
import { useBookingWords } from "./words";

const IN_A_BREATH = 3; // signs of a notice number

/** The words for letters, digits and kana; the same for the whole day. */
function useSpelling() {
  return useQuery({
    queryKey: ["booking-spelling"],
    queryFn: () => told(api.GET("/api/bookings/script")),
    staleTime: Infinity,
  }).data;
}

/** A notice number as it is read back: three signs in a breath, letters by their word. */
export function Spelled({ text }: { readonly text: string }) {
  const spelling = useSpelling();
  const bare = [...text.normalize("NFKC").toUpperCase()].filter((each) => /[0-9A-Z]/u.test(each));
  if (spelling === undefined || bare.length === 0) return <p className="min-h-6" />;
  const groups: string[][] = [];
  for (let at = 0; at < bare.length; at += IN_A_BREATH) groups.push(bare.slice(at, at + IN_A_BREATH));
  return (
    <p className="min-h-6 text-sm">
      {groups.map((group) => group.map((each) => said(each, group, spelling)).join(" ")).join("、")}
    </p>
  );
}

type Spelling = { letters: Record<string, string>; digits: Record<string, string> };

function said(each: string, group: readonly string[], spelling: Spelling): string {
  const letter = spelling.letters[each];
  if (letter !== undefined) return `${letter}の${each}`;
  const digit = spelling.digits[each] ?? each;
  // Beside letters a digit is named as one: ゼロ and オー, イチ and アイ.
  return group.some((sign) => sign in spelling.letters) ? `数字の${digit}` : digit;
}

/** Every word there is, in a window. */
export function SpellingCard(props: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const words = useBookingWords();
  const { close } = useWords();
  const spelling = useSpelling();
  const tables = [
    [words.letters, spelling?.letters],
    [words.digits, spelling?.digits],
    [words.kana, spelling?.kana],
  ] as const;
  return (
    <Window title={words.spellingTitle} isOpen={props.isOpen} onClose={props.onClose}>
      {tables.map(([title, table]) => (
        <section key={title} aria-label={title}>
          <h3 className="font-bold">{title}</h3>
          <ul className="grid grid-cols-3 gap-x-3 sm:grid-cols-4">
            {Object.entries(table ?? {}).map(([sign, word]) => (
              <li key={sign}>
                <strong>{sign}</strong> {word}
              </li>
            ))}
          </ul>
        </section>
      ))}
      <Button onPress={props.onClose}>{close}</Button>
    </Window>
  );
}
