/** A quiet double tone each two seconds; ends it. Where sound is not allowed, the page still shows. */
export function ring(): () => void {
  if (typeof AudioContext === "undefined") return () => undefined;
  const context = new AudioContext();
  const beep = () => {
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
