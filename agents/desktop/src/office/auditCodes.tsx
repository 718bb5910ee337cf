import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { api, type Schemas, told } from "../api/client";
import { useCatalogue } from "../catalogue";
import { moment } from "../own/times";

type Text = { readonly ja: string; readonly en: string };
type Texts = ReadonlyMap<string, Text>;
type Known = Schemas["AuditKnown"];
export type People = Readonly<Record<string, string>>;
export type Codes = ReturnType<typeof useKnown>["texts"];

const KNOWN = { queryKey: ["audit-known"], queryFn: () => told(api.GET("/api/audit/known")) };
const NONE: Texts = new Map();
const YES_NO: Texts = new Map([
  ["true", { ja: "はい", en: "yes" }],
  ["false", { ja: "いいえ", en: "no" }],
]);

/** The codes and the people of the log, which are asked for once; until then codes stand alone. */
export function useKnown() {
  const { data, error } = useQuery(KNOWN);
  const chosen = useChosen();
  const texts = useMemo(() => {
    const words = textsOf(data?.words);
    const values = Object.entries(data?.values ?? {});
    return {
      words,
      outcomes: textsOf(data?.outcomes),
      details: textsOf(data?.details),
      machines: textsOf(data?.machines),
      objects: textsOf(data?.objects),
      values: new Map<string, Texts>([
        ...values.map(([detail, some]) => [detail, textsOf(some)] as const),
        ...chosen,
        ["word", words],
      ]),
    };
  }, [data, chosen]);
  const people = useMemo(() => namesOf(data?.people ?? []), [data]);
  return { texts, people, error };
}

/** What a site chooses itself: its words are in the catalogue. */
function useChosen(): ReadonlyMap<string, Texts> {
  const known = useCatalogue();
  return useMemo(() => {
    const seats = (known?.seats ?? []).map(({ seat, name }) => [seat, { ja: name, en: seat }] as const);
    const places = (known?.extensions ?? []).map(
      ({ target, name }) => [target, { ja: name, en: target }] as const,
    );
    return new Map<string, Texts>([
      ["disposition", new Map(Object.entries(known?.outcomes.dispositions ?? {}))],
      ["reason", new Map(Object.entries(known?.states.pauses ?? {}))],
      ["target", new Map([...seats, ...places])],
    ]);
  }, [known]);
}

function textsOf(some: Known["words"] | undefined): Texts {
  return new Map((some ?? []).map((one) => [one.code, one]));
}

export function namesOf(people: Known["people"]): People {
  return Object.fromEntries(people.map((one) => [one.id, `${one.announced_name} (${one.name})`]));
}

export function inOne({ ja, en }: Text): string {
  return `${ja} (${en})`;
}

/** Japanese, and English beside it, whatever the page's language is: a log is read by both. */
export function Both({ ja, en }: Text) {
  return (
    <>
      <span lang="ja">{ja}</span>{" "}
      <span lang="en" className="text-neutral-800">
        {en}
      </span>
    </>
  );
}

type CodeProps = { readonly code: string | null | undefined; readonly texts: Texts | undefined };

/** What a code says; one that has no words stands as it is in the log. */
export function Code({ code, texts = NONE }: CodeProps) {
  if (code == null) return null;
  const text = texts.get(code);
  return text === undefined ? <code>{code}</code> : <Both {...text} />;
}

export function Role({ role, codes }: { readonly role: string | null; readonly codes: Codes }) {
  const roles = codes.values.get("role") ?? NONE;
  return <Code code={role} texts={role !== null && roles.has(role) ? roles : codes.machines} />;
}

type Whom = { readonly people: People; readonly codes: Codes };

export function Named({ id, people, codes }: Whom & { readonly id: string | null }) {
  const name = people[id ?? ""];
  return name === undefined ? <Code code={id} texts={codes.machines} /> : name;
}

/** What it was done to: somebody, a thing by its id, or a code with or without an id behind it. */
export function Thing({ id, ...whom }: Whom & { readonly id: string | null }) {
  const [kind = "", ...of] = (id ?? "").split(":");
  const text = whom.codes.objects.get(kind);
  if (text === undefined) return <Named id={id} {...whom} />;
  return (
    <>
      <Both {...text} /> {of.length > 0 && <code>{of.join(":")}</code>}
    </>
  );
}

type ValueProps = Whom & {
  readonly detail: string;
  readonly value: string | number | boolean | null;
};

/** Of a detail; several codes in one say each what they are. */
export function Value({ detail, value, ...whom }: ValueProps) {
  if (typeof value === "boolean") return <Code code={String(value)} texts={YES_NO} />;
  if (value === null) return "—";
  if (detail === "before" && typeof value === "number") return moment(value);
  const texts = whom.codes.values.get(detail);
  if (texts === undefined) return <Named id={String(value)} {...whom} />;
  return String(value)
    .split(/[ ,]+/u)
    .map((code, place) => (
      <span key={code}>
        {place > 0 && "、"}
        <Code code={code} texts={texts} />
      </span>
    ));
}
