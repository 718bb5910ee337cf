import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, type Schemas, told } from "../api/client";
import { shown } from "../desk/card";
import { guard } from "../guard/individualNumber";
import { isKeepable, LONGEST_NOTE } from "../guard/length";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { Guarded } from "../parts/guarded";
import { Panel } from "../parts/panel";
import { SavingTold } from "../parts/saving";
import { useUnsent } from "../parts/unsent";
import { useSigned } from "../session";
import { useSpoken, useWords } from "../words/language";

const EMPTY = { text: "" };

type Escalation = Schemas["EscalationSeen"];

/** What agents ask, oldest first: somebody takes it, and says what is to be told. */
export function Escalations() {
  const { words, language } = useSpoken();
  const { person } = useSigned();
  const queries = useQueryClient();
  const [replying, setReplying] = useState<Escalation | null>(null);
  const { busy, error, attempt } = useAttempt();
  const waiting = useQuery({
    queryKey: ["escalations"],
    queryFn: () => told(api.GET("/api/escalations")),
    gcTime: 0,
  });
  const again = () => queries.invalidateQueries({ queryKey: ["escalations"] });
  const take = async (key: string) => {
    const params = { path: { key } };
    await attempt(() => told(api.POST("/api/escalations/{key}/take", { params })));
    await again();
  };
  const menuOf = (one: Escalation) =>
    (language === "ja" ? one.menu_ja : one.menu_en) || one.menu_path;
  const found = waiting.data?.escalations ?? [];
  return (
    <Panel title={words.escalations}>
      <Fault error={waiting.error ?? error} />
      {waiting.data !== undefined && found.length === 0 && <p>{words.noEscalations}</p>}
      <ol aria-live="polite" className="flex flex-col gap-2">
        {found.map((one) => (
          <li key={one.key} className="border-t border-neutral-400 pt-2">
            <p>
              <span className="tabular-nums">{shown(one.at)}</span>{" "}
              <strong>{one.announced_name}</strong> →{" "}
              {one.to === "city" ? words.toCity : words.toSupervisor}
              {menuOf(one) !== "" && ` (${words.menuOf}: ${menuOf(one)})`}
            </p>
            <p className="whitespace-pre-wrap">{one.note}</p>
            <div className="flex flex-wrap items-center gap-2">
              {one.taken_by == null ? (
                <Button isDisabled={busy} onPress={() => void take(one.key)}>
                  {words.takeIt}
                </Button>
              ) : (
                <span className="rounded-sm border px-2">
                  {one.taken_by === person.id ? words.takenByMe : words.takenByOther}
                </span>
              )}
              <Button looks="main" onPress={() => setReplying(one)}>
                {words.reply}
              </Button>
            </div>
          </li>
        ))}
      </ol>
      <Reply
        key={replying?.key}
        of={replying}
        onClose={() => setReplying(null)}
        onDone={again}
      />
    </Panel>
  );
}

function Reply(props: {
  readonly of: Escalation | null;
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
}) {
  const words = useWords();
  const place = `answer:${props.of?.key ?? ""}`;
  const { form, change, done, isReady, saving, masked } = useUnsent(place, EMPTY);
  const { text } = form;
  const { busy, error, attempt } = useAttempt();
  const send = async () => {
    const params = { path: { key: props.of?.key ?? "" } };
    const body = { answer: guard(text).text };
    const sent = await attempt(() =>
      told(api.POST("/api/escalations/{key}/answer", { params, body })),
    );
    if (!sent) return;
    done();
    props.onClose();
    await props.onDone();
  };
  return (
    <Window title={words.reply} isOpen={props.of !== null && isReady} onClose={props.onClose}>
      <p className="whitespace-pre-wrap">{props.of?.note}</p>
      <Guarded
        label={words.reply}
        hint={words.noteHint}
        rows={5}
        value={text}
        masked={masked}
        onChange={(typed) => change({ text: typed })}
        autoFocus
      />
      <SavingTold saving={saving} />
      <Fault error={error} />
      <div className="flex flex-wrap gap-2">
        <Button looks="main" isDisabled={busy || text.trim() === "" || !isKeepable(text, LONGEST_NOTE)} onPress={() => void send()}>
          {words.send}
        </Button>
        <Button looks="quiet" onPress={props.onClose}>
          {words.cancel}
        </Button>
      </div>
    </Window>
  );
}
