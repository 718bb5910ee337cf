import { useWords } from "../words/language";
import type { Saving } from "./saved";

/** Whether the server has what was typed; `none` is said while nothing was. */
export function SavingTold({ saving, none = "" }: { readonly saving: Saving; readonly none?: string }) {
  const words = useWords();
  const told = {
    none,
    saving: words.draftSaving,
    kept: words.draftKept,
    failed: words.draftFailed,
  }[saving];
  return (
    <p role="status" className={saving === "failed" ? "font-bold text-red-900" : "text-sm"}>
      {told}
    </p>
  );
}
