import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { api, type Schemas, told } from "../api/client";
import { beginOf, endOf, moment } from "../own/times";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Choices, Field } from "../parts/field";
import { Panel } from "../parts/panel";
import { useSpoken, useWords } from "../words/language";
import { LANGUAGES } from "../words/words";
import { ROLES } from "../words/roles";

type Line = Schemas["AuditLine"];
type Text = { readonly ja: string; readonly en: string };
type Texts = ReadonlyMap<string, Text>;
type Known = Schemas["AuditKnown"];
type People = Readonly<Record<string, string>>;
type Asked = { readonly who: string; readonly word: string; readonly object: string; readonly from: string; readonly to: string };

const ANYTHING: Asked = { who: "", word: "", object: "", from: "", to: "" };
const AT_ONCE = 100;
const KNOWN = { queryKey: ["audit-known"], queryFn: () => told(api.GET("/api/audit/known")) };

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

/** The codes and the people of the log, which are asked for once; until then codes stand alone. */
function useKnown() {
  const { data, error } = useQuery(KNOWN);
  const texts = useMemo(() => {
    const of = (some: Known["words"] | undefined): Texts =>
      new Map((some ?? []).map((one) => [one.code, one]));
    return {
      words: of(data?.words),
      outcomes: of(data?.outcomes),
      details: of(data?.details),
      machines: of(data?.machines),
    };
  }, [data]);
  const people = useMemo(() => namesOf(data?.people ?? []), [data]);
  return { texts, people, error };
}

type Codes = ReturnType<typeof useKnown>["texts"];

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
                <Code code={line.role} texts={line.role == null ? NONE : withRoles(codes.machines)} />
              </td>
              <td className="px-2 py-1">
                <Code code={line.word} texts={codes.words} />
              </td>
              <td className="px-2 py-1 break-all">
                <Named id={line.object} people={people} codes={codes} />
                {Object.entries(line.detail).map(([key, value]) => (
                  <span key={key} className="mr-2 ml-1 inline-block">
                    <Code code={key} texts={codes.details} />: <Value value={value} people={people} codes={codes} />
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

const NONE: Texts = new Map();
const YES_NO: Texts = new Map([
  ["true", { ja: "はい", en: "yes" }],
  ["false", { ja: "いいえ", en: "no" }],
]);

function withRoles(machines: Texts): Texts {
  return new Map([...Object.entries(ROLES), ...machines]);
}

/** Japanese, and English beside it, whatever the page's language is: a log is read by both. */
function Both({ ja, en }: Text) {
  return (
    <>
      <span lang="ja">{ja}</span>{" "}
      <span lang="en" className="text-neutral-800">
        {en}
      </span>
    </>
  );
}

/** What a code says; one that has no words stands as it is in the log. */
function Code({ code, texts }: { readonly code: string | null | undefined; readonly texts: Texts }) {
  if (code == null) return null;
  const text = texts.get(code);
  return text === undefined ? <code>{code}</code> : <Both {...text} />;
}

type Whom = { readonly people: People; readonly codes: Codes };

function Named({ id, people, codes }: Whom & { readonly id: string | null | undefined }) {
  const name = people[id ?? ""];
  return name === undefined ? <Code code={id} texts={codes.machines} /> : name;
}

function Value(props: Whom & { readonly value: string | number | boolean | null }) {
  const { value, ...whom } = props;
  if (typeof value === "boolean") return <Code code={String(value)} texts={YES_NO} />;
  if (value === null) return "—";
  const text = whom.codes.words.get(String(value));
  return text === undefined ? <Named id={String(value)} {...whom} /> : <Both {...text} />;
}

function inOne({ ja, en }: Text): string {
  return `${ja} (${en})`;
}

function namesOf(people: Known["people"]): People {
  return Object.fromEntries(people.map((one) => [one.id, `${one.announced_name} (${one.name})`]));
}
