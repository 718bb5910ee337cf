import { Button } from "../parts/button";
import { useSigned } from "../session";
import { openFiles, openPaper } from "./place";
import { useBookingWords } from "./words";

/** The way to the sheets of paper, for any page's head. */
export function PaperLink() {
  return <Button onPress={openPaper}>{useBookingWords().paper}</Button>;
}

export const MAY_IMPORT: ReadonlySet<string> = new Set(["supervisor", "general_manager"]);

/** The way to what passes between the city's system and us, for whoever leads. */
export function FilesLink() {
  const { person } = useSigned();
  const words = useBookingWords();
  return MAY_IMPORT.has(person.role) ? <Button onPress={openFiles}>{words.cityFiles}</Button> : null;
}
