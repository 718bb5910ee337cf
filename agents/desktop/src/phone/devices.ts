// Which headset: what is chosen here stays in this browser, and names a device of this PC alone.

export type Chosen = {
  readonly microphone: string; // "" is the system's own, for each
  readonly talk: string; // where the other side is heard
  readonly ring: string; // where it rings
};
export type Device = { readonly id: string; readonly name: string };
export type Devices = { readonly microphones: readonly Device[]; readonly speakers: readonly Device[] };

const KEPT = "phone-devices";
const SYSTEM: Chosen = { microphone: "", talk: "", ring: "" };
const ALIASES = new Set(["default", "communications"]); // of Chrome, for what the system has

export function chosen(): Chosen {
  try {
    return { ...SYSTEM, ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Chosen>) };
  } catch {
    return SYSTEM;
  }
}

export function choose(devices: Chosen): void {
  localStorage.setItem(KEPT, JSON.stringify(devices));
}

/** What is plugged in now; names are told only to who may use the microphone. */
export async function plugged(): Promise<Devices> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind: MediaDeviceKind) =>
    all
      .filter((each) => each.kind === kind && each.deviceId !== "" && !ALIASES.has(each.deviceId))
      .map((each) => ({ id: each.deviceId, name: each.label }));
  return { microphones: of("audioinput"), speakers: of("audiooutput") };
}

/** Whether this speaker was chosen and is not plugged in. */
export async function isGone(speaker: string): Promise<boolean> {
  if (speaker === "") return false;
  const { speakers } = await plugged();
  return speakers.every(({ id }) => id !== speaker);
}

/** Hear that something was plugged in or out; a page without a microphone never does. */
export function onPlugged(look: () => void): void {
  if (window.isSecureContext) navigator.mediaDevices.addEventListener("devicechange", look);
}

/** The microphone that was chosen; the system's own where that is not plugged in. */
export async function openMicrophone(id: string): Promise<MediaStream> {
  const media = navigator.mediaDevices;
  if (id !== "") {
    try {
      return await media.getUserMedia({ audio: { deviceId: { exact: id } } });
    } catch (problem) {
      if (!(problem instanceof DOMException) || problem.name === "NotAllowedError") throw problem;
    }
  }
  return media.getUserMedia({ audio: true });
}

/** Whether the person still lets this page have it; where nobody can say, it does. */
export async function isAllowed(): Promise<boolean> {
  try {
    const permission = await navigator.permissions.query({ name: "microphone" as PermissionName });
    return permission.state !== "denied";
  } catch {
    return true;
  }
}

/** Let it sound as soon as the browser allows that; whoever closes it before wants it no more. */
export function letSound(context: AudioContext): void {
  context.resume().catch(() => undefined);
}

type Sink = { readonly setSinkId?: (id: string) => Promise<void> };

/** Have it heard there; a speaker that is not plugged in any more is the system's own. */
export async function hearOn(where: HTMLMediaElement | AudioContext, id: string): Promise<void> {
  const sink = where as Sink;
  await sink.setSinkId?.(id).catch(() => sink.setSinkId?.("").catch(() => undefined));
}
