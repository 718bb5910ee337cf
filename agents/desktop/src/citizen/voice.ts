import { letSound } from "../phone/devices";

// A voice for who has no microphone: vowels of a made-up speaker, by a buzz through two formants.
const PITCH = 130; // hertz
const EACH = 0.22; // seconds
const WORDS = 5; // vowels, and then a pause as long as one
const VOWELS: readonly (readonly [number, number])[] = [
  [800, 1200],
  [300, 2300],
  [350, 1300],
  [500, 1900],
  [500, 900],
];

export type Voice = { readonly stream: MediaStream; readonly end: () => void };

export function builtInVoice(): Voice {
  const context = new AudioContext();
  const buzz = new OscillatorNode(context, { type: "sawtooth", frequency: PITCH });
  const loudness = new GainNode(context, { gain: 0 });
  const formants = [0, 1].map(() => new BiquadFilterNode(context, { type: "bandpass", Q: 6 }));
  const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
  for (const formant of formants) buzz.connect(formant).connect(loudness);
  loudness.connect(out);
  buzz.start();
  letSound(context);
  let count = 0;
  const speak = () => {
    const vowel = VOWELS[(count * 7) % VOWELS.length] ?? [500, 1500];
    const isPause = count % (WORDS + 1) === WORDS;
    formants.forEach((formant, place) => {
      formant.frequency.setTargetAtTime(vowel[place] ?? 500, context.currentTime, 0.03);
    });
    loudness.gain.setTargetAtTime(isPause ? 0 : 0.6, context.currentTime, 0.03);
    count += 1;
  };
  speak();
  const timer = window.setInterval(speak, EACH * 1000);
  return {
    stream: out.stream,
    end: () => {
      window.clearInterval(timer);
      void context.close();
    },
  };
}
