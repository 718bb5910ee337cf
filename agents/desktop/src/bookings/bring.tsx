import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { api, type Schemas, told } from "../api/client";
import { Fault } from "../parts/fault";
import { useSpoken } from "../words/language";
import { facts, type Typed } from "./form";
import { Picks } from "./picks";
import { useBookingWords } from "./words";

const FROM_FORM = ["who", "reason", "guardian"]; // said above already
export type Bringing = Schemas["BringingSeen"];

/** What to bring by the decision table, on the day of the visit. */
export function useBringing(typed: Typed, day: string, age: number | null) {
  const answers = { ...facts(typed, age) };
  return useQuery({
    queryKey: ["bringing", day, answers],
    queryFn: () => told(api.POST("/api/bookings/bringing", { body: { day, answers } })),
    enabled: answers["who"] !== undefined,
    placeholderData: (before) => before,
    gcTime: 0,
  });
}

/** The questions that are open, one a digit, and the list they lead to. */
export function Bring(props: {
  readonly typed: Typed;
  readonly bringing: Bringing | undefined;
  readonly error: unknown;
  readonly onChange: (changed: Partial<Typed>) => void;
}) {
  const words = useBookingWords();
  const { language } = useSpoken();
  const { typed, bringing } = props;
  const knows = typed.party[0]?.notice_no.trim() === "" ? FROM_FORM : [...FROM_FORM, "notice"];
  const asked = (bringing?.asked ?? []).filter((question) => !knows.includes(question.code));
  useEffect(() => {
    // What was told was another list, if an answer has changed since.
    if (typed.explained && (bringing?.questions.length ?? 0) > 0) props.onChange({ explained: false });
  }, [bringing?.questions.length]);
  const halts = Object.values(bringing?.halts ?? {});
  const isHalt = (line: string) => halts.includes(line.replace(/。$/u, ""));
  if (bringing === undefined) return <Fault error={props.error} />;
  return (
    <div data-script="bring" className="grid grid-cols-1 gap-x-3 gap-y-2 lg:grid-cols-2">
      <div className="flex flex-col gap-1">
        {asked.map((question) => (
          <Picks
            key={question.code}
            label={language === "ja" ? question.ja : question.en}
            value={typed.answers[question.code] ?? question.answer ?? ""}
            picks={Object.entries(question.choices).map(([value, text]) => ({ value, text }))}
            onPick={(value) =>
              props.onChange({ answers: { ...typed.answers, [question.code]: value } })
            }
          />
        ))}
        <Fault error={props.error} />
      </div>
      <section aria-label={words.bringSpoken} className="rounded-md border border-neutral-500 p-2">
        <h3 className="font-bold">
          {words.bringSpoken}{" "}
          <span className="text-sm font-normal">
            {words.version} {bringing.version}
          </span>
        </h3>
        {halts.map((halt) => (
          <p key={halt} role="alert" className="font-bold text-red-900">
            <span aria-hidden="true">⚠ </span>
            {halt}
          </p>
        ))}
        <ul aria-live="polite">
          {bringing.spoken.filter((line) => !isHalt(line)).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </section>
      <div className="lg:col-span-2">
        <Picks
          label={words.explained}
          value={typed.explained ? "yes" : "no"}
          picks={[
            { value: "yes", text: words.yes },
            { value: "no", text: words.no },
          ]}
          onPick={(value) => props.onChange({ explained: value === "yes" })}
        />
      </div>
    </div>
  );
}
