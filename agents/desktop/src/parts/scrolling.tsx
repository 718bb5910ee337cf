import { type ReactNode, useLayoutEffect, useRef, useState } from "react";

/** A list no higher than so; where it is longer, the arrow keys scroll it, too.
 *
 * One that `grows` at its end shows the latest.
 */
export function Scrolling(props: {
  readonly label: string;
  readonly height: string; // the class of the highest it may be
  readonly isLive?: boolean;
  readonly grows?: boolean;
  readonly children: ReactNode;
}) {
  const box = useRef<HTMLOListElement>(null);
  const [scrolls, setScrolls] = useState(false);
  const before = useRef(0); // its height, drawn the last time
  useLayoutEffect(() => {
    const list = box.current;
    if (list === null) return;
    setScrolls(list.scrollHeight > list.clientHeight);
    if (props.grows === true && list.scrollHeight > before.current) list.scrollTop = list.scrollHeight;
    before.current = list.scrollHeight;
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
