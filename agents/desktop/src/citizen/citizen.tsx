import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import { api, told } from "../api/client";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { Choices, Field } from "../parts/field";
import { Sheet } from "../parts/panel";
import { useSpoken } from "../words/language";
import type { Line } from "./line";
import { builtInVoice, type Voice } from "./voice";

// The texts of the demo's citizen; English has the same keys, or the build fails.
const ja = {
  title: "市民の電話(デモ)",
  why: "コールセンターに電話をかける側です。別のタブで担当者の画面を開いておいてください。",
  from: "発信者番号",
  hint: "空にすると番号なしの着信になります。",
  sound: "話す声",
  voice: "内蔵の声",
  microphone: "このPCのマイク",
  call: "電話をかける",
  hangUp: "電話を切る",
  calling: "呼び出しています",
  talking: "つながっています",
  ended: "切れました",
  away: "交換機につながりません。",
  pad: "番号ボタン",
  language: "English",
};
type CitizenWords = { readonly [Key in keyof typeof ja]: string };
const en: CitizenWords = {
  title: "A citizen's telephone (demo)",
  why: "This side calls the call centre. Keep an agent's page open in another tab.",
  from: "Caller's number",
  hint: "Without one, the call comes without a number.",
  sound: "Voice",
  voice: "Built-in voice",
  microphone: "This PC's microphone",
  call: "Call",
  hangUp: "Hang up",
  calling: "Calling",
  talking: "Connected",
  ended: "Ended",
  away: "The exchange cannot be reached.",
  pad: "Keys",
  language: "日本語",
};

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const NUMBER = "0942000901"; // one that nobody can have
type Is = "idle" | "calling" | "talking" | "ended";

/** Whoever calls in: a dial pad, and a microphone or a voice of our own. */
export function Citizen() {
  const { language, other } = useSpoken();
  const words = language === "ja" ? ja : en;
  const { data, error } = useQuery({
    queryKey: ["citizen"],
    queryFn: () => told(api.GET("/api/citizen")),
  });
  const [is, setIs] = useState<Is>("idle");
  const [isConnected, setConnected] = useState(false);
  const [from, setFrom] = useState(NUMBER);
  const [usesMicrophone, setUsesMicrophone] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const line = useLine(data?.user, setIs, setConnected);
  const voice = useRef<Voice | null>(null);

  const call = async () => {
    if (line.current === null || data === undefined) return;
    setProblem(null);
    try {
      voice.current?.end();
      voice.current = usesMicrophone ? await microphone() : builtInVoice();
      setIs("calling");
      line.current.call(data.number, from.replace(/\D/gu, ""), voice.current.stream);
    } catch (wrong) {
      setProblem(wrong);
    }
  };
  useEffect(() => {
    if (is === "ended") voice.current?.end();
  }, [is]);

  const inCall = is === "calling" || is === "talking";
  const says = { idle: "", calling: words.calling, talking: words.talking, ended: words.ended }[is];
  return (
    <Sheet title={words.title}>
      <p>{words.why}</p>
      <Fault error={error ?? problem} />
      {data !== undefined && (
        <>
          <p className="text-2xl font-bold tabular-nums">☎ {data.number}</p>
          {!isConnected && <p role="status">{words.away}</p>}
          {!inCall && (
            <>
              <Field label={words.from} hint={words.hint} value={from} onChange={setFrom} inputMode="tel" />
              <Choices
                label={words.sound}
                value={usesMicrophone ? "microphone" : ""}
                empty={words.voice}
                choices={[{ value: "microphone", text: words.microphone }]}
                onChange={(chosen) => setUsesMicrophone(chosen !== "")}
              />
              <Button looks="main" isDisabled={!isConnected} onPress={() => void call()}>
                {words.call}
              </Button>
            </>
          )}
          <p role="status" className="text-xl font-bold">
            {says}
          </p>
          {inCall && (
            <>
              <div role="group" aria-label={words.pad} className="grid grid-cols-3 gap-2">
                {KEYS.map((key) => (
                  <Button key={key} isDisabled={is !== "talking"} onPress={() => line.current?.press(key)}>
                    {key}
                  </Button>
                ))}
              </div>
              <Button looks="danger" onPress={() => line.current?.hangUp()}>
                {words.hangUp}
              </Button>
            </>
          )}
        </>
      )}
      <Button looks="quiet" onPress={other}>
        {words.language}
      </Button>
    </Sheet>
  );
}

function useLine(
  user: string | undefined,
  setIs: (is: Is) => void,
  setConnected: (is: boolean) => void,
) {
  const line = useRef<Line | null>(null);
  const begin = useCallback(async (as: string) => {
    const { Line: Made } = await import("./line");
    return new Made(as, {
      connected: setConnected,
      up: () => setIs("talking"),
      ended: () => setIs("ended"),
    });
  }, [setConnected, setIs]);
  useEffect(() => {
    if (user === undefined) return undefined;
    let over = false;
    void begin(user).then((made) => {
      if (over) made.stop();
      else line.current = made;
    });
    return () => {
      over = true;
      line.current?.stop();
      line.current = null;
    };
  }, [begin, user]);
  return line;
}

async function microphone(): Promise<Voice> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  return { stream, end: () => stream.getTracks().forEach((track) => track.stop()) };
}
