import { useSpoken } from "../words/language";

// The texts of the telephone in the page; English has the same keys, or the build fails.
const ja = {
  begin: "この画面で電話を受ける",
  starting: "電話を準備しています",
  on: "この画面が電話です",
  lost: "電話の接続が切れました。つなぎ直しています。通話中の音声はそのまま続きます。",
  elsewhere: "この席の電話は、別の画面で使用中です。",
  takeOver: "この画面に移す",
  give: "この画面で受けるのをやめる",
  mute: "マイクを切る",
  unmute: "マイクを入れる",
  muted: "マイクを切っています。相手に声は届きません。",
  emergency: "着信(交換制御が応答していません)",
};

type PhoneWords = { readonly [Key in keyof typeof ja]: string };

const en: PhoneWords = {
  begin: "Take calls on this page",
  starting: "Preparing the telephone",
  on: "This page is the telephone",
  lost: "The telephone's line is cut; reconnecting. The sound of a call goes on.",
  elsewhere: "Another page is the telephone of this seat.",
  takeOver: "Move it to this page",
  give: "Take no calls on this page",
  mute: "Mute",
  unmute: "Unmute",
  muted: "You are muted: nobody hears you.",
  emergency: "A call (the call controller does not answer)",
};

export function usePhoneWords(): PhoneWords {
  return useSpoken().language === "ja" ? ja : en;
}
