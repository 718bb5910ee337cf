import { useCallbackWords } from "./words";

/** A call "from the city hall" is what fraud looks like: what is said, and what is never asked. */
export function Script() {
  const words = useCallbackWords();
  return (
    <section aria-label={words.script} className="border-2 border-neutral-800 p-2 text-sm print:hidden">
      <p>{words.scriptOpens}</p>
      <p className="font-bold">{words.scriptNever}</p>
      <p>{words.scriptMachine}</p>
    </section>
  );
}
