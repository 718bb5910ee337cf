import { useEffect, useState } from "react";

/** Which page the address names, and going to another; the browser's own back key works. */
export function usePlace(): readonly [string, (place: string) => void] {
  const [place, setPlace] = useState(() => window.location.pathname.slice(1));
  useEffect(() => {
    const back = () => setPlace(window.location.pathname.slice(1));
    window.addEventListener("popstate", back);
    return () => window.removeEventListener("popstate", back);
  }, []);
  const go = (next: string) => {
    if (next === place) return;
    window.history.pushState(null, "", `/${next}`);
    setPlace(next);
  };
  return [place, go];
}
