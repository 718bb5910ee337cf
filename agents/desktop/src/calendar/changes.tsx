import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, type Schemas, told } from "../api/client";
import { guard } from "../guard/individualNumber";
import { LONGEST_CALENDAR } from "../guard/length";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Field } from "../parts/field";
import { Guarded } from "../parts/guarded";
import { Panel } from "../parts/panel";
import { SavingTold } from "../parts/saving";
import { useUnsent } from "../parts/unsent";
import { useSigned } from "../session";
import { useSpoken } from "../words/language";
import { useCalendarWords } from "./words";

const LEADERS = new Set(["supervisor", "general_manager"]);
type Changing = Schemas["Changes"];

/** What is proposed, what was agreed, and a form for the next change. */
export function Changes() {
  const words = useCalendarWords();
  const { person } = useSigned();
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const changes = useQuery({
    queryKey: ["calendar", "changes"],
    queryFn: () => told(api.GET("/api/calendar/changes")),
  });
  const keep = async (asked: Promise<Changing>) => {
    setError(null);
    try {
      queries.setQueryData(["calendar", "changes"], await asked);
    } catch (problem) {
      setError(problem);
    }
  };
  const approve = (proposal: string) =>
    keep(told(api.POST("/api/calendar/proposals/{proposal}/approve", { params: { path: { proposal } } })));
  const refuse = (proposal: string) =>
    keep(told(api.POST("/api/calendar/proposals/{proposal}/refuse", { params: { path: { proposal } } })));
  const found = changes.data;
  if (found === undefined) return <Fault error={changes.error} />;
  const approves = person.role === "city_approver";
  return (
    <div className="flex flex-col gap-3">
      <Fault error={error} />
      {!found.applied && (
        <p role="status" className="border-2 border-yellow-900 bg-yellow-50 p-2">
          {words.notApplied}
        </p>
      )}
      <Panel title={words.proposals}>
        {found.proposals.length === 0 && <p>{words.noProposals}</p>}
        {found.proposals.map((each) => (
          <article key={each.id} className="border-t border-neutral-500 py-2">
            <h3 className="font-bold">{each.what}</h3>
            <p>
              {each.why} ({each.agreed_on} {each.agreed_by}, {words.proposedBy} {each.proposed_by})
            </p>
            <Differences rows={each.differences} />
            <div className="mt-2 flex gap-2">
              {approves && (
                <Button looks="main" onPress={() => void approve(each.id)}>
                  {words.approve}
                </Button>
              )}
              {(approves || LEADERS.has(person.role)) && (
                <Button onPress={() => void refuse(each.id)}>{words.refuse}</Button>
              )}
            </div>
          </article>
        ))}
      </Panel>
      {LEADERS.has(person.role) && <Propose calendar={found.calendar} />}
      <Panel title={words.register}>
        {found.entries.length === 0 && <p>{words.noRegister}</p>}
        <ul>
          {found.entries.map((each) => (
            <li key={`${each.calendar} ${each.approved_on}`}>
              <span className="font-bold">{each.what}</span> {each.why} ({each.agreed_on} {each.agreed_by},{" "}
              {words.approvedBy} {each.approved_on} {each.approved_by})
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}

function Differences({ rows }: { readonly rows: Schemas["ProposalSeen"]["differences"] }) {
  const words = useCalendarWords();
  return (
    <table className="w-full border-collapse text-sm">
      <caption className="text-left font-bold">
        {words.differences}: {rows.length}
      </caption>
      <thead>
        <tr>
          <th scope="col" />
          <th scope="col" className="border border-neutral-500 px-1">{words.before}</th>
          <th scope="col" className="border border-neutral-500 px-1">{words.after}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.date}>
            <th scope="row" className="border border-neutral-500 px-1 tabular-nums">{row.date}</th>
            <td className="border border-neutral-500 px-1">{row.before}</td>
            <td className="border border-neutral-500 px-1">{row.after}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const EMPTY = { what: "", why: "", agreed_on: "", agreed_by: "", calendar: "", base: "" };
const LONGEST = { calendar: LONGEST_CALENDAR };
type Named = Exclude<keyof typeof EMPTY, "calendar" | "base">;

function Propose({ calendar }: { readonly calendar: string }) {
  const words = useCalendarWords();
  const { language } = useSpoken();
  const queries = useQueryClient();
  const proposal = useUnsent("calendar-proposal", EMPTY, LONGEST);
  const [error, setError] = useState<unknown>(null);
  const faults = fieldsOf(error, language);
  const now = markOf(calendar);
  const { base } = proposal.form; // of the calendar that was changed; none while nothing is
  const text = base === "" ? calendar : proposal.form.calendar;
  const send = async () => {
    setError(null);
    const entry = proposal.form;
    try {
      const agreed = {
        what: guard(entry.what).text,
        why: guard(entry.why).text,
        agreed_on: entry.agreed_on.normalize("NFKC").trim(),
        agreed_by: guard(entry.agreed_by).text,
      };
      await told(api.POST("/api/calendar/proposals", { body: { calendar: text, ...agreed } }));
      proposal.done();
      await queries.invalidateQueries({ queryKey: ["calendar", "changes"] });
    } catch (problem) {
      setError(problem);
    }
  };
  const field = (name: Named, label: string) => (
    <Guarded
      label={label}
      value={proposal.form[name]}
      fault={faults[name]}
      onChange={(value) => proposal.change({ [name]: value })}
    />
  );
  if (!proposal.isReady) return null;
  return (
    <Panel title={words.propose}>
      <div className="flex flex-col gap-2">
        <Fault error={error} />
        {field("what", words.what)}
        {field("why", words.reason)}
        {field("agreed_on", words.agreedOn)}
        {field("agreed_by", words.agreedBy)}
        {base !== "" && base !== now && (
          <p role="alert" className="border-2 border-yellow-900 bg-yellow-50 p-2">
            {words.outdated}
          </p>
        )}
        <Field
          label={words.text}
          value={text}
          onChange={(changed) => proposal.change({ calendar: changed, base: base === "" ? now : base })}
          rows={18}
          fault={faults["calendar"]}
        />
        <SavingTold saving={proposal.saving} />
        {base !== "" && (
          <Button onPress={() => proposal.change({ calendar: "", base: "" })}>{words.fromNow}</Button>
        )}
        <Button looks="main" onPress={() => void send()}>
          {words.propose}
        </Button>
      </div>
    </Panel>
  );
}

/** Tells one calendar from another: seven signs at most, so that the guard takes it for no number. */
function markOf(text: string): string {
  let sum = 0;
  for (const each of text) sum = (Math.imul(sum, 31) + (each.codePointAt(0) ?? 0)) >>> 0;
  return sum.toString(36);
}
