import { Button } from "../parts/button";
import { openPaper } from "./place";
import { useBookingWords } from "./words";

/** The way to the sheets of paper, for any page's head. */
export function PaperLink() {
  return <Button onPress={openPaper}>{useBookingWords().paper}</Button>;
}
