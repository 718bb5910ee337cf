import { chosen, hearOn, letSound } from "../phone/devices";

const PAINTED_WITHIN = 100; // milliseconds; a window in the background paints nothing

/** Ring once what was just put into the page can be seen; ends it. */
export function ringOncePainted(): () => void {
  let end: (() => void) | null = null;
  let over = false;
  const begin = () => {
    if (!over) end ??= ring();
  };
  if (document.hidden) begin();
  const frame = requestAnimationFrame(() => requestAnimationFrame(begin));
  const timer = window.setTimeout(begin, PAINTED_WITHIN);
  return () => {
    over = true;
    cancelAnimationFrame(frame);
    window.clearTimeout(timer);
    end?.();
  };
}

/** A quiet double tone each two seconds; ends it. Where sound is not allowed, the page still shows. */
function ring(): () => void {
  if (typeof AudioContext === "undefined") return () => undefined;
  const context = new AudioContext();
  if (chosen().ring !== "") void hearOn(context, chosen().ring);
  const beep = () => {
    if (context.state === "suspended") letSound(context); // somebody may have touched the page
    for (const [hertz, after] of [
      [660, 0],
      [880, 0.18],
    ] as const) {
      const at = context.currentTime + after;
      const tone = context.createOscillator();
      const loudness = context.createGain();
      tone.frequency.value = hertz;
      loudness.gain.setValueAtTime(0.0001, at);
      loudness.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.16);
      tone.connect(loudness).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.17);
    }
  };
  beep();
  const timer = window.setInterval(beep, 2000);
  return () => {
    window.clearInterval(timer);
    void context.close();
  };
}
