import { Problem } from "../api/client";
import { useSpoken } from "../words/language";

/** What went wrong, as one sentence. */
export function useSentence(): (error: unknown) => string {
  const { language, words } = useSpoken();
  return (error) =>
    error instanceof Problem ? (language === "ja" ? error.ja : error.en) : words.problem;
}

export function Fault({ error }: { readonly error: unknown }) {
  const sentence = useSentence();
  if (error == null) return null;
  return (
    <p role="alert" className="rounded-md border-2 border-red-900 bg-red-50 px-3 py-2 text-red-1000">
      <span aria-hidden="true">⚠ </span>
      {sentence(error)}
    </p>
  );
}

/** The sentences of an answer's fields; a sentence has the English in brackets. */
export function fieldsOf(error: unknown, language: "ja" | "en"): Readonly<Record<string, string>> {
  if (!(error instanceof Problem)) return {};
  return Object.fromEntries(
    Object.entries(error.fields).map(([name, told]) => {
      const both = /^(.*?)\s*\(([ -~]+)\)$/u.exec(told);
      return [name, both === null ? told : ((language === "ja" ? both[1] : both[2]) ?? told)];
    }),
  );
}
