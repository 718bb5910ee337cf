import { Button as Aria, type ButtonProps } from "react-aria-components";

type Looks = "main" | "plain" | "danger" | "quiet";

const SHAPE =
  "inline-flex min-h-11 min-w-11 items-center justify-center gap-2 rounded-md border px-4 py-1.5 " +
  "text-base font-bold outline-offset-2 focus-visible:outline-3 focus-visible:outline-black " +
  "focus-visible:ring-3 focus-visible:ring-yellow-300 disabled:border-neutral-400 " +
  "disabled:bg-neutral-100 disabled:text-neutral-600 forced-colors:border-[ButtonText]";
const LOOKS: Readonly<Record<Looks, string>> = {
  main: "border-blue-900 bg-blue-900 text-white hover:bg-blue-1000",
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
  return (
    <Aria {...rest} className={`${SHAPE} ${LOOKS[looks]}`} {...shortcut(keys)}>
      {children}
      {keys !== undefined && (
        <kbd aria-hidden="true" className="rounded-sm border px-1 text-xs font-normal">
          {keys}
        </kbd>
      )}
    </Aria>
  );
}

function shortcut(keys: string | undefined): Record<string, string> {
  return keys === undefined ? {} : { "aria-keyshortcuts": keys };
}
