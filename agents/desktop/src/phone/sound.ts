import { hearOn, letSound } from "./devices";

const LOUDER = 2; // +6 dB
const LIMIT = -3; // dBFS, above which the limiter holds
const RATIO = 20;
// A compressor of the Web Audio standard raises everything by a share of what it would take away
// from full scale; that is taken back, so that it does nothing but limit.
const MAKE_UP = 0.6 * (LIMIT / RATIO - LIMIT); // dB
const SILENCE = -100; // dBFS
const TONE = 880; // hertz
const TONE_FOR = 0.8; // seconds

/** What is spoken into, and what of it is sent: as it is, or louder for who hears badly. */
export class Microphone {
  readonly #stream: MediaStream;
  readonly #context = new AudioContext();
  readonly #meter: AnalyserNode;
  readonly #source: MediaStreamAudioSourceNode;
  #louder: MediaStreamTrack | null = null;

  constructor(stream: MediaStream, onEnded: () => void) {
    this.#stream = stream;
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#meter = this.#context.createAnalyser();
    this.#source.connect(this.#meter);
    this.#raw.onended = onEnded;
    letSound(this.#context);
  }

  /** dBFS of the last moment. */
  level(): number {
    return loudness(this.#meter);
  }

  /** What to send: the microphone itself, which nothing can make stutter, or the louder one. */
  track(isLouder: boolean): MediaStreamTrack {
    if (!isLouder) return this.#raw;
    this.#louder ??= this.#raised();
    return this.#louder;
  }

  mute(is: boolean): void {
    this.#raw.enabled = !is;
    if (this.#louder !== null) this.#louder.enabled = true; // silent by what it is made of
  }

  stop(): void {
    this.#raw.onended = null;
    for (const track of this.#stream.getTracks()) track.stop();
    void this.#context.close();
  }

  get #raw(): MediaStreamTrack {
    const [track] = this.#stream.getAudioTracks();
    if (track === undefined) throw new Error("a microphone without sound");
    return track;
  }

  #raised(): MediaStreamTrack {
    const gain = new GainNode(this.#context, { gain: LOUDER });
    const limiter = new DynamicsCompressorNode(this.#context, {
      threshold: LIMIT,
      knee: 0,
      ratio: RATIO,
      attack: 0.003,
      release: 0.05,
    });
    const back = new GainNode(this.#context, { gain: 10 ** (-MAKE_UP / 20) });
    const out = new MediaStreamAudioDestinationNode(this.#context, { channelCount: 1 });
    this.#source.connect(gain).connect(limiter).connect(back).connect(out);
    const [track] = out.stream.getAudioTracks();
    if (track === undefined) throw new Error("a sound without a track");
    return track;
  }
}

/** How loud whoever is at the other end is; they are heard elsewhere. */
export class Listening {
  readonly #context = new AudioContext();
  readonly #meter = this.#context.createAnalyser();

  constructor(stream: MediaStream) {
    this.#context.createMediaStreamSource(stream).connect(this.#meter);
    letSound(this.#context);
  }

  /** dBFS of the last moment. */
  level(): number {
    return loudness(this.#meter);
  }

  stop(): void {
    void this.#context.close();
  }
}

function loudness(meter: AnalyserNode): number {
  const samples = new Float32Array(meter.fftSize);
  meter.getFloatTimeDomainData(samples);
  const power = samples.reduce((sum, each) => sum + each * each, 0) / samples.length;
  return power === 0 ? SILENCE : Math.max(SILENCE, 10 * Math.log10(power));
}

/** A tone at this speaker, to be heard by who sits there. */
export async function soundTone(speaker: string): Promise<void> {
  const context = new AudioContext();
  try {
    await hearOn(context, speaker);
    await context.resume();
    const tone = new OscillatorNode(context, { frequency: TONE });
    const gain = new GainNode(context, { gain: 0.2 });
    tone.connect(gain).connect(context.destination);
    const over = new Promise<void>((done) => {
      tone.onended = () => done();
    });
    tone.start();
    tone.stop(context.currentTime + TONE_FOR);
    await over;
  } finally {
    await context.close();
  }
}

/** A tone to be sent, and the end of it. */
export function toneToSend(): { readonly stream: MediaStream; readonly end: () => void } {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: TONE });
  const gain = new GainNode(context, { gain: 0.2 });
  const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
  tone.connect(gain).connect(out);
  tone.start();
  letSound(context);
  return { stream: out.stream, end: () => void context.close() };
}
