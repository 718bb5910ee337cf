import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

import { LANGUAGES, type Language, type Words } from "./words";

type Spoken = { readonly language: Language; readonly words: Words; readonly other: () => void };
type Bilingual = { readonly ja: string; readonly en: string };

const Context = createContext<Spoken | null>(null);

/** Japanese until somebody asks for English; kept nowhere. */
export function InLanguage({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState<Language>("ja");
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const spoken = useMemo<Spoken>(
    () => ({
      language,
      words: LANGUAGES[language],
      other: () => setLanguage(language === "ja" ? "en" : "ja"),
    }),
    [language],
  );
  return <Context value={spoken}>{children}</Context>;
}

export function useSpoken(): Spoken {
  const spoken = useContext(Context);
  if (spoken === null) throw new Error("outside InLanguage");
  return spoken;
}

export function useWords(): Words {
  return useSpoken().words;
}

/** A word of the catalogue in the present language. */
export function useSay(): (word: Bilingual | undefined, otherwise?: string) => string {
  const { language } = useSpoken();
  return (word, otherwise = "") => word?.[language] ?? otherwise;
}
