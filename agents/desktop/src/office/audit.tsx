import { useState } from "react";

import { api, type Schemas, told } from "../api/client";
import { beginOf, endOf, moment } from "../own/times";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Choices, Field } from "../parts/field";
import { Panel } from "../parts/panel";
import { useSpoken, useWords } from "../words/language";
import { LANGUAGES } from "../words/words";
import {
  Both, Code, type Codes, inOne, Named, namesOf, type People, Role, Thing, useKnown, Value,
} from "./auditCodes";

type Line = Schemas["AuditLine"];
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
                {words.faultAt}: {verdict.at} —{" "}
                <Both ja={verdict.fault_ja ?? ""} en={verdict.fault ?? ""} />
              </p>
            )}
            {!verdict.sound && (
              <p>
                <Both ja={LANGUAGES.ja.unsoundThen} en={LANGUAGES.en.unsoundThen} />
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
  const known = useKnown();
  const [asked, setAsked] = useState(ANYTHING);
  const [lines, setLines] = useState<readonly Line[] | null>(null);
  const [later, setLater] = useState<People>({}); // accounts that were made since the page was opened
  const [older, setOlder] = useState<number | null>(null);
  const { busy, error, attempt } = useAttempt();
  const faults = fieldsOf(error, language);
  const people = { ...known.people, ...later };
  const change = (part: Partial<Asked>) => setAsked((before) => ({ ...before, ...part }));
  const search = (before: number | null) =>
    attempt(async () => {
      const query = queryOf(asked, before);
      const found = await told(api.GET("/api/audit", { params: { query } }));
      setLater((others) => ({ ...others, ...namesOf(found.people) }));
      setLines((shown) => [...(before === null ? [] : (shown ?? [])), ...found.lines]);
      setOlder(found.lines.length < AT_ONCE ? null : (found.lines.at(-1)?.seq ?? null));
    });
  return (
    <Panel title={words.auditLog}>
      <Fault error={known.error} />
      <form
        className="mb-3 grid grid-cols-1 items-end gap-3 sm:grid-cols-2 lg:grid-cols-3"
        onSubmit={(event) => {
          event.preventDefault();
          void search(null);
        }}
      >
        <Choices
          label={words.who}
          hint={words.exactly}
          fault={faults["who"]}
          value={asked.who}
          empty={words.anybody}
          choices={[
            ...Object.entries(people).map(([value, text]) => ({ value, text })),
            ...[...known.texts.machines].map(([value, text]) => ({ value, text: inOne(text) })),
          ]}
          onChange={(who) => change({ who })}
        />
        <Choices
          label={words.deed}
          hint={words.exactly}
          fault={faults["word"]}
          value={asked.word}
          empty={words.anyDeed}
          choices={[...known.texts.words].map(([value, text]) => ({ value, text: inOne(text) }))}
          onChange={(word) => change({ word })}
        />
        <Field
          label={words.object}
          hint={words.objectHint}
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
      {lines !== null && <Lines lines={lines} people={people} codes={known.texts} />}
      {older !== null && (
        <Button isDisabled={busy} onPress={() => void search(older)}>
          {words.older}
        </Button>
      )}
    </Panel>
  );
}

function queryOf(asked: Asked, before: number | null) {
  const since = beginOf(asked.from);
  const until = endOf(asked.to);
  const object = asked.object.normalize("NFKC").trim();
  return {
    ...(before === null ? {} : { before }),
    ...(asked.who === "" ? {} : { who: asked.who }),
    ...(asked.word === "" ? {} : { word: asked.word }),
    ...(object === "" ? {} : { object }),
    ...(since === null ? {} : { since }),
    ...(until === null ? {} : { until }),
    limit: AT_ONCE,
  };
}

type LinesProps = { readonly lines: readonly Line[]; readonly people: People; readonly codes: Codes };

function Lines({ lines, people, codes }: LinesProps) {
  const words = useWords();
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
                <Named id={line.who} people={people} codes={codes} />{" "}
                {line.seat != null && `[${line.seat}]`}
              </td>
              <td className="px-2 py-1">
                <Role role={line.role} codes={codes} />
              </td>
              <td className="px-2 py-1">
                <Code code={line.word} texts={codes.words} />
              </td>
              <td className="px-2 py-1 break-all">
                <Thing id={line.object} people={people} codes={codes} />
                {Object.entries(line.detail).map(([key, value]) => (
                  <span key={key} className="mr-2 ml-1 inline-block">
                    <Code code={key} texts={codes.details} />:{" "}
                    <Value detail={key} value={value} people={people} codes={codes} />
                  </span>
                ))}
              </td>
              <td className="px-2 py-1">
                {line.outcome !== "done" && <span aria-hidden="true">⚠ </span>}
                <Code code={line.outcome} texts={codes.outcomes} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
