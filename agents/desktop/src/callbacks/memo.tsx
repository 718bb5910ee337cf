import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, Problem, type Schemas, told } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Field } from "../parts/field";
import { useKeys } from "../parts/keys";
import { Panel } from "../parts/panel";
import { SavingTold } from "../parts/saving";
import { useUnsent } from "../parts/unsent";
import { useSigned } from "../session";
import { useSpoken } from "../words/language";
import { About, EMPTY, sent, type Form } from "./form";
import { useCallbackWords } from "./words";

const IMPORTERS = new Set(["supervisor", "general_manager", "city_viewer", "city_approver"]);

/** 受電メモ: five fields, of which only the number must be filled; F4 keeps it. */
export function Memo() {
  const words = useCallbackWords();
  const { language } = useSpoken();
  const { person } = useSigned();
  const queries = useQueryClient();
  const unsent = useUnsent("callback-memo", EMPTY);
  const { form, send } = unsent;
  const [said, setSaid] = useState("");
  const { busy, error, attempt } = useAttempt();
  const faults = fieldsOf(error, language);
  const change = (changed: Partial<Form>) => {
    setSaid("");
    unsent.change(changed);
  };
  const keep = async () => {
    if (busy || form.number.trim() === "") return;
    const body = { ...sent(form), cause: "memo" as const, call: null };
    let masked = false;
    const kept = await attempt(async () => {
      const post = (key: string) => told(api.POST("/api/callbacks", { body: { key, ...body } }));
      masked = (await send(post)).masked.length > 0;
    });
    if (!kept) return; // nothing that was typed is lost
    unsent.done();
    setSaid(masked ? words.masked : words.memoKept);
    document.querySelector<HTMLElement>("#memo-number input")?.focus();
    await queries.invalidateQueries({ queryKey: ["callbacks"] });
  };
  useKeys({ F4: () => void keep() });
  if (!unsent.isReady) return null;
  return (
    <div className="flex flex-col gap-3">
      <Panel title={words.memo}>
        <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
          <div id="memo-number">
            <Field
              label={words.number}
              hint={words.numberHint}
              fault={faults["number"]}
              value={form.number}
              inputMode="tel"
              autoComplete="off"
              autoFocus
              onChange={(number) => change({ number })}
            />
          </div>
          <About of="name" form={form} faults={faults} change={change} />
          <About of="topic" form={form} faults={faults} change={change} />
          <About of="wanted" form={form} faults={faults} change={change} />
          <About of="note" form={form} faults={faults} change={change} />
        </div>
        <div className="mt-3 flex flex-wrap items-center gap-3">
          <Button
            looks="main"
            keys="F4"
            isDisabled={busy || form.number.trim() === ""}
            onPress={() => void keep()}
          >
            {words.keepMemo}
          </Button>
          <p role="status" className="font-bold">
            {said}
          </p>
          <SavingTold saving={unsent.saving} />
        </div>
        <Fault error={error} />
      </Panel>
      {IMPORTERS.has(person.role) && <Import />}
    </div>
  );
}

function Import() {
  const words = useCallbackWords();
  const { language } = useSpoken();
  const queries = useQueryClient();
  const [taken, setTaken] = useState<Schemas["MemosTaken"] | null>(null);
  const { busy, error, attempt } = useAttempt();
  const rows = error instanceof Problem ? Object.entries(fieldsOf(error, language)) : [];
  const take = async (file: File) => {
    setTaken(null);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const content = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    await attempt(async () => {
      setTaken(await told(api.POST("/api/callback-files", { body: { content } })));
    });
    await queries.invalidateQueries({ queryKey: ["callbacks"] });
  };
  return (
    <Panel title={words.importFile}>
      <p className="mb-2 text-sm">{words.importHint}</p>
      <label className="font-bold">
        {words.choose}{" "}
        <input
          type="file"
          accept=".csv,text/csv"
          disabled={busy}
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file !== undefined) void take(file);
            event.target.value = "";
          }}
        />
      </label>
      {taken !== null && (
        <p role="status" className="font-bold">
          {taken.rows} {words.rows}
          {taken.masked > 0 && (
            <span className="text-red-900">
              <span aria-hidden="true"> ⚠ </span>
              {taken.masked} {words.maskedCells}
            </span>
          )}
        </p>
      )}
      <Fault error={error} />
      <ul>
        {rows.map(([row, sentence]) => (
          <li key={row}>
            <strong className="tabular-nums">{row.replace("row ", "")}</strong> {words.row}: {sentence}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
