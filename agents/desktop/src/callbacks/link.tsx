import { Button } from "../parts/button";
import { useSigned } from "../session";
import { toCallbacks } from "./place";
import { useCallbackWords } from "./words";

const WITHOUT = new Set(["administrator", "display"]);

/** The way to the callbacks, for any page's head. */
export function CallbacksLink() {
  const words = useCallbackWords();
  const { person } = useSigned();
  if (WITHOUT.has(person.role)) return null;
  return <Button onPress={toCallbacks}>{words.toCallbacks}</Button>;
}
