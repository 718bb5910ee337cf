import { useQuery, useQueryClient } from "@tanstack/react-query";
import { memo, useState } from "react";

import { api, newKey, type Schemas, told } from "../api/client";
import { useFloor, useSeatName } from "../news/feed";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { Choices } from "../parts/field";
import { Guarded } from "../parts/guarded";
import { useKeys } from "../parts/keys";
import { Panel } from "../parts/panel";
import { SavingTold } from "../parts/saving";
import { Scrolling } from "../parts/scrolling";
import { useUnsent } from "../parts/unsent";
import { useSigned } from "../session";
import { useWords } from "../words/language";
import { guard } from "../guard/individualNumber";
import { isKeepable, LONGEST_LETTER } from "../guard/length";
import { shown } from "../desk/card";

const EMPTY = { text: "", to: "" };
type Letter = ReturnType<typeof useUnsent<typeof EMPTY>>;
// What this page has sent last, whatever it was: a number may be split over two. A lock forgets it.
const LAST_LETTER = ["last letter"];
const TAIL = 200; // characters: a number with all that may stand between its digits
const LEADERS = new Set(["supervisor", "general_manager"]);

/** Messages of today, and the raised hand. */
export const Messages = memo(function Messages() {
  const words = useWords();
  const queries = useQueryClient();
  const messages = useQuery({
    queryKey: ["messages"],
    queryFn: () => told(api.GET("/api/messages")),
  });
  const hands = useQuery({ queryKey: ["help"], queryFn: () => told(api.GET("/api/help")) });
  const isUp = hands.data?.hands.some((hand) => hand.mine) ?? false;
  const [error, setError] = useState<unknown>(null);
  const letter = useUnsent("message", EMPTY);
  const nameOf = useSeatName();
  const { to } = letter.form;

  const hand = async () => {
    setError(null);
    const asked = isUp
      ? told(api.DELETE("/api/help"))
      : told(api.POST("/api/help", { body: { key: newKey() } }));
    await asked.catch(setError);
    await queries.invalidateQueries({ queryKey: ["help"] });
  };
  useKeys({ h: () => void hand() });
  const send = async (text: string, key: string) => {
    const body = { key, to: to === "" ? null : to, text };
    await told(api.POST("/api/messages", { body }));
    await queries.invalidateQueries({ queryKey: ["messages"] });
  };
  return (
    <Panel
      title={words.messages}
      beside={
        <Button keys="H" looks={isUp ? "main" : "plain"} onPress={() => void hand()}>
          {isUp ? words.handDown : words.handUp}
        </Button>
      }
    >
      <Fault error={error ?? messages.error} />
      {hands.data !== undefined && hands.data.hands.length > 0 && (
        <Hands hands={hands.data.hands} />
      )}
      {messages.data?.messages.length === 0 && <p>{words.noMessages}</p>}
      <Scrolling label={words.messages} height="max-h-40" isLive grows>
        {messages.data?.messages.map((message) => (
          <li key={message.id} className="border-t border-neutral-400 py-1">
            <span className="tabular-nums">{shown(message.at)}</span>{" "}
            <span className="font-bold">{message.announced_name}</span> →{" "}
            {message.to == null ? words.toEverybody : nameOf(message.to)}: <bdi>{message.text}</bdi>
          </li>
        ))}
      </Scrolling>
      <Write title={words.messages} letter={letter} send={send}>
        <ToWhom to={to} onChange={(chosen) => letter.change({ to: chosen })} />
      </Write>
    </Panel>
  );
});

function ToWhom(props: { readonly to: string; readonly onChange: (to: string) => void }) {
  const words = useWords();
  const agents = useFloor((floor) => floor.agents);
  const there = agents.filter((agent) => agent.state !== "signed_out" || agent.seat === props.to);
  return (
    <Choices
      label={words.to}
      value={props.to}
      empty={words.toEverybody}
      choices={there.map((agent) => ({ value: agent.seat, text: `${agent.name} (${agent.seat})` }))}
      onChange={props.onChange}
    />
  );
}

/** Who has raised a hand; whoever leads says when they have come. */
function Hands({ hands }: { readonly hands: readonly Schemas["HelpSeen"][] }) {
  const words = useWords();
  const nameOf = useSeatName();
  const { person } = useSigned();
  const queries = useQueryClient();
  const { error, attempt } = useAttempt();
  const come = async (help: string) => {
    await attempt(() => told(api.DELETE("/api/help/{help}", { params: { path: { help } } })));
    await queries.invalidateQueries({ queryKey: ["help"] });
  };
  return (
    <div role="status" className="mb-2 font-bold">
      <Hand />
      {words.handsUp}:{" "}
      {LEADERS.has(person.role)
        ? hands.map((one) => (
            <Button key={one.id} looks="quiet" onPress={() => void come(one.id)}>
              {nameOf(one.seat)} — {words.handTaken}
            </Button>
          ))
        : hands.map((one) => nameOf(one.seat)).join("、")}
      <Fault error={error} />
    </div>
  );
}

/** Drawn, for not every font has it. */
function Hand() {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className="mr-1 inline size-5 align-text-bottom">
      <g fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round">
        <path d="M5 9V4M7.3 8V2.2M9.6 8V2.6M11.9 8.6V4.2" />
        <path d="M11.9 8.6v2.2c0 2.5-1.6 4-4 4-1.9 0-2.9-.8-3.9-2.5L2.3 9.4c.9-.8 1.8-.6 2.7.8" />
      </g>
    </svg>
  );
}

export const Notices = memo(function Notices() {
  const words = useWords();
  const { person } = useSigned();
  const queries = useQueryClient();
  const letter = useUnsent("notice", EMPTY);
  const notices = useQuery({ queryKey: ["notices"], queryFn: () => told(api.GET("/api/notices")) });
  const read = async (notice: string) => {
    await told(api.POST("/api/notices/{notice}/read", { params: { path: { notice } } }));
    await queries.invalidateQueries({ queryKey: ["notices"] });
  };
  const send = async (text: string, key: string) => {
    await told(api.POST("/api/notices", { body: { key, text } }));
    await queries.invalidateQueries({ queryKey: ["notices"] });
  };
  return (
    <Panel title={words.notices}>
      <Fault error={notices.error} />
      <Papers
        label={words.notices}
        papers={notices.data?.notices ?? []}
        onRead={(notice) => void read(notice)}
      />
      {LEADERS.has(person.role) && <Write title={words.notices} letter={letter} send={send} />}
    </Panel>
  );
});

export const Handover = memo(function Handover() {
  const words = useWords();
  const queries = useQueryClient();
  const letter = useUnsent("handover", EMPTY);
  const notes = useQuery({ queryKey: ["handover"], queryFn: () => told(api.GET("/api/handover")) });
  const read = async (notice: string) => {
    await told(api.POST("/api/notices/{notice}/read", { params: { path: { notice } } }));
    await queries.invalidateQueries({ queryKey: ["handover"] });
  };
  const send = async (text: string, key: string) => {
    await told(api.POST("/api/handover", { body: { key, text } }));
    await queries.invalidateQueries({ queryKey: ["handover"] });
  };
  return (
    <Panel title={words.handover}>
      <Fault error={notes.error} />
      <Papers
        label={words.handover}
        papers={notes.data?.notices ?? []}
        onRead={(notice) => void read(notice)}
      />
      <Write title={words.handover} letter={letter} send={send} />
    </Panel>
  );
});

type Paper = {
  readonly id: string;
  readonly announced_name: string;
  readonly text: string;
  readonly urgent: boolean;
  readonly at: string;
  readonly read: boolean;
};

function Papers(props: {
  readonly label: string;
  readonly papers: readonly Paper[];
  readonly onRead: (id: string) => void;
}) {
  const words = useWords();
  if (props.papers.length === 0) return <p>{words.noNotices}</p>;
  return (
    <Scrolling label={props.label} height="max-h-40">
      {props.papers.map((paper) => (
        <li key={paper.id} className="border-t border-neutral-400 py-1">
          {paper.urgent && <span aria-hidden="true">⚠ </span>}
          <span className="tabular-nums">{shown(paper.at)}</span>{" "}
          <span className="font-bold">{paper.announced_name}</span>{" "}
          {!paper.read && <span className="rounded-sm border px-1 text-sm">{words.unread}</span>}
          <p className="whitespace-pre-wrap">{paper.text}</p>
          {!paper.read && (
            <Button looks="quiet" onPress={() => props.onRead(paper.id)}>
              {words.read}
            </Button>
          )}
        </li>
      ))}
    </Scrolling>
  );
}

/** What is typed is kept on the server until it is sent, or emptied. */
function Write(props: {
  readonly title: string;
  readonly letter: Letter;
  readonly send: (text: string, key: string) => Promise<void>; // the same key: the same text again
  readonly children?: React.ReactNode;
}) {
  const words = useWords();
  const [isOpen, setOpen] = useState(false);
  const { busy, error, attempt } = useAttempt();
  const { form, change, done, isReady, isBegun, saving, masked } = props.letter;
  const queries = useQueryClient();
  const before = (queries.getQueryData<string>(LAST_LETTER) ?? "").slice(-TAIL);
  const send = async () => {
    const { text } = guard(form.text, before);
    if (!(await attempt(() => props.letter.send((key) => props.send(text, key))))) return;
    queries.setQueryDefaults(LAST_LETTER, { gcTime: Infinity }); // nobody watches it
    queries.setQueryData(LAST_LETTER, text);
    done();
    setOpen(false);
  };
  const isSendable = form.text.trim() !== "" && isKeepable(form.text, LONGEST_LETTER);
  return (
    <>
      <Button looks="quiet" onPress={() => setOpen(true)}>
        {isBegun ? words.writeOn : words.write}
      </Button>
      <Window title={props.title} isOpen={isOpen && isReady} onClose={() => setOpen(false)}>
        {props.children}
        <Guarded
          label={words.message}
          hint={words.noteHint}
          longest={LONGEST_LETTER}
          value={form.text}
          masked={masked}
          before={before}
          onChange={(text) => change({ text })}
          rows={4}
          autoFocus
        />
        <SavingTold saving={saving} />
        <Fault error={error} />
        <div className="flex gap-2">
          <Button looks="main" isDisabled={busy || !isSendable} onPress={() => void send()}>
            {words.send}
          </Button>
          <Button looks="quiet" onPress={() => setOpen(false)}>
            {words.cancel}
          </Button>
        </div>
      </Window>
    </>
  );
}
