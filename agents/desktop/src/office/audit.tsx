import { useState } from "react";

import { api, type Schemas, told } from "../api/client";
import { beginOf, endOf, moment } from "../own/times";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Field } from "../parts/field";
import { Panel } from "../parts/panel";
import { useSay, useSpoken, useWords } from "../words/language";
import { type Role, ROLES } from "../words/roles";

type Line = Schemas["AuditLine"];
type People = Readonly<Record<string, string>>;
type Asked = { readonly who: string; readonly word: string; readonly object: string; readonly from: string; readonly to: string };

const ANYTHING: Asked = { who: "", word: "", object: "", from: "", to: "" };
const AT_ONCE = 100;

/** Who saw and did what: looked for, and proved to be what was written. */
export function Audit() {
  return (
    <div className="flex flex-col gap-3">
      <Verify />
      <Search />
    </div>
  );
}

function Verify() {
  const words = useWords();
  const [verdict, setVerdict] = useState<Schemas["AuditVerdict"] | null>(null);
  const { busy, error, attempt } = useAttempt();
  const verify = () =>
    attempt(async () => {
      setVerdict(null);
      setVerdict(await told(api.GET("/api/audit/verdict")));
    });
  return (
    <Panel title={words.verify}>
      <div className="flex flex-wrap items-center gap-3">
        <Button looks="main" isDisabled={busy} onPress={() => void verify()}>
          {words.verify}
        </Button>
        <Fault error={error} />
        {verdict !== null && (
          <div
            role="status"
            className={
              verdict.sound
                ? "rounded-md border-2 border-green-900 px-3 py-1"
                : "rounded-md border-4 border-red-900 px-3 py-1 font-bold text-red-900"
            }
          >
            <p className="font-bold">
              <span aria-hidden="true">{verdict.sound ? "✓ " : "⚠ "}</span>
              {verdict.sound ? words.sound : words.unsound}
            </p>
            <p>
              {words.checkedLines}: {verdict.lines} / {words.headOf}: {verdict.head}{" "}
              <code className="break-all">{verdict.hash.slice(0, 16)}</code>
            </p>
            {!verdict.sound && (
              <p>
                {words.faultAt}: {verdict.at} — <span lang="en">{verdict.fault}</span>
              </p>
            )}
          </div>
        )}
      </div>
    </Panel>
  );
}

function Search() {
  const { words, language } = useSpoken();
  const [asked, setAsked] = useState(ANYTHING);
  const [lines, setLines] = useState<readonly Line[] | null>(null);
  const [people, setPeople] = useState<People>({});
  const [older, setOlder] = useState<number | null>(null);
  const { busy, error, attempt } = useAttempt();
  const faults = fieldsOf(error, language);
  const change = (part: Partial<Asked>) => setAsked((before) => ({ ...before, ...part }));
  const search = (before: number | null) =>
    attempt(async () => {
      const query = queryOf(asked, people, before);
      const found = await told(api.GET("/api/audit", { params: { query } }));
      const named = found.people.map((one) => [one.id, `${one.announced_name} (${one.name})`] as const);
      setPeople((known) => ({ ...known, ...Object.fromEntries(named) }));
      setLines((known) => [...(before === null ? [] : (known ?? [])), ...found.lines]);
      setOlder(found.lines.length < AT_ONCE ? null : (found.lines.at(-1)?.seq ?? null));
    });
  return (
    <Panel title={words.auditLog}>
      <form
        className="mb-3 grid grid-cols-1 items-end gap-3 sm:grid-cols-2 lg:grid-cols-6"
        onSubmit={(event) => {
          event.preventDefault();
          void search(null);
        }}
      >
        <Field label={words.who} fault={faults["who"]} value={asked.who} onChange={(who) => change({ who })} />
        <Field label={words.deed} fault={faults["word"]} value={asked.word} onChange={(word) => change({ word })} />
        <Field
          label={words.object}
          fault={faults["object"]}
          value={asked.object}
          onChange={(object) => change({ object })}
        />
        <Field label={words.fromDay} type="date" value={asked.from} onChange={(from) => change({ from })} />
        <Field label={words.toDay} type="date" value={asked.to} onChange={(to) => change({ to })} />
        <Button looks="main" type="submit" isDisabled={busy}>
          {words.search}
        </Button>
      </form>
      <Fault error={error} />
      {lines !== null && <Lines lines={lines} people={people} />}
      {older !== null && (
        <Button isDisabled={busy} onPress={() => void search(older)}>
          {words.older}
        </Button>
      )}
    </Panel>
  );
}

/** Ids as they are; a name that was seen before stands for its id. */
function queryOf(asked: Asked, people: People, before: number | null) {
  const since = beginOf(asked.from);
  const until = endOf(asked.to);
  const who = asked.who.normalize("NFKC").trim();
  const named = Object.entries(people).find(([, name]) => who !== "" && name.includes(who));
  return {
    ...(before === null ? {} : { before }),
    ...(who === "" ? {} : { who: named?.[0] ?? who }),
    ...(asked.word.trim() === "" ? {} : { word: asked.word.normalize("NFKC").trim() }),
    ...(asked.object.trim() === "" ? {} : { object: asked.object.normalize("NFKC").trim() }),
    ...(since === null ? {} : { since }),
    ...(until === null ? {} : { until }),
    limit: AT_ONCE,
  };
}

function Lines({ lines, people }: { readonly lines: readonly Line[]; readonly people: People }) {
  const words = useWords();
  const say = useSay();
  if (lines.length === 0) return <p role="status">{words.noLines}</p>;
  return (
    <div className="mb-3 overflow-x-auto" tabIndex={0} role="region" aria-label={words.auditLog}>
      <table className="w-full border-collapse text-left text-sm">
        <thead>
          <tr className="border-b-2 border-neutral-800">
            {["No.", words.at, words.who, words.role, words.deed, words.object, words.outcomeOf].map(
              (head) => (
                <th key={head} scope="col" className="px-2 py-1">
                  {head}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.seq} className="border-b border-neutral-400 align-top">
              <td className="px-2 py-1 tabular-nums">{line.seq}</td>
              <td className="px-2 py-1 tabular-nums">{moment(line.at)}</td>
              <td className="px-2 py-1">
                {named(line.who, people, words.console)} {line.seat != null && `[${line.seat}]`}
              </td>
              <td className="px-2 py-1">{say(ROLES[line.role as Role], line.role ?? "")}</td>
              <td className="px-2 py-1">{line.word}</td>
              <td className="px-2 py-1 break-all">
                {named(line.object, people, words.console)}
                {Object.entries(line.detail).map(([key, value]) => (
                  <span key={key} className="mr-2 ml-1 inline-block">
                    {key}={String(value)}
                  </span>
                ))}
              </td>
              <td className="px-2 py-1">
                {line.outcome !== "done" && <span aria-hidden="true">⚠ </span>}
                {line.outcome}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function named(id: string | null | undefined, people: People, console: string): string {
  if (id == null) return "";
  return id === "console" ? console : (people[id] ?? id);
}
