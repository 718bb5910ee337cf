import { useEffect, useRef } from "react";
import { Button as Aria, type ButtonProps } from "react-aria-components";

type Looks = "main" | "plain" | "danger" | "quiet";

const SHAPE =
  "inline-flex min-h-11 min-w-11 items-center justify-center gap-2 rounded-md border px-4 py-1.5 " +
  "text-base font-bold outline-offset-2 focus-visible:outline-3 focus-visible:outline-black " +
  "focus-visible:ring-3 focus-visible:ring-yellow-300 disabled:border-neutral-400 " +
  "disabled:bg-neutral-100 disabled:text-neutral-600 forced-colors:border-[ButtonText]";
const LOOKS: Readonly<Record<Looks, string>> = {
  // Not adjusted: the plate that browsers put behind text would hide it.
  main:
    "border-blue-900 bg-blue-900 text-white hover:bg-blue-1000 forced-colors:forced-color-adjust-none " +
    "forced-colors:bg-[Highlight] forced-colors:text-[HighlightText] forced-colors:hover:bg-[Highlight]",
  plain: "border-blue-900 bg-white text-blue-900 hover:bg-blue-50",
  danger: "border-red-900 bg-red-900 text-white hover:bg-red-1000",
  quiet: "border-transparent bg-transparent text-blue-900 underline hover:bg-blue-50",
};

type Props = Omit<ButtonProps, "className" | "children"> & {
  readonly looks?: Looks;
  readonly keys?: string; // shown, and told to screen readers
  readonly children: React.ReactNode;
};

export function Button({ looks = "plain", keys, children, ...rest }: Props) {
  const element = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // React Aria hands on no attribute that it does not know.
    if (keys !== undefined) element.current?.setAttribute("aria-keyshortcuts", keys);
  }, [keys]);
  return (
    <Aria {...rest} ref={element} className={`${SHAPE} ${LOOKS[looks]}`}>
      {children}
      {keys !== undefined && (
        <kbd aria-hidden="true" className="rounded-sm border px-1 text-xs font-normal">
          {keys}
        </kbd>
      )}
    </Aria>
  );
}
