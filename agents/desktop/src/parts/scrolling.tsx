import { type ReactNode, useLayoutEffect, useRef, useState } from "react";

/** A list no higher than so; where it is longer, the arrow keys scroll it, too. */
export function Scrolling(props: {
  readonly label: string;
  readonly height: string; // the class of the highest it may be
  readonly isLive?: boolean;
  readonly children: ReactNode;
}) {
  const box = useRef<HTMLOListElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useLayoutEffect(() => {
    const { scrollHeight = 0, clientHeight = 0 } = box.current ?? {};
    setScrolls(scrollHeight > clientHeight);
  });
  return (
    <ol
      ref={box}
      aria-label={props.label}
      aria-live={props.isLive === true ? "polite" : undefined}
      tabIndex={scrolls ? 0 : undefined}
      className={`${props.height} overflow-auto`}
    >
      {props.children}
    </ol>
  );
}
