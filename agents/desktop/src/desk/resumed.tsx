import { useFloor } from "../news/feed";
import { useWords } from "../words/language";

/** 再開: they had an agent whose telephone was lost, and had to wait once more. */
export function useIsResumed(call: string | null | undefined): boolean {
  return useFloor((floor) => floor.calls.some((each) => each.id === call && each.resumed === true));
}

/** For whoever gets them: the caller begins by having been cut off. */
export function Resumed({ call }: { readonly call: string | null }) {
  const words = useWords();
  if (!useIsResumed(call)) return null;
  return (
    <p className="mb-3">
      <strong className="border-2 border-neutral-900 px-2">{words.resumed}</strong> {words.resumedHint}
    </p>
  );
}
