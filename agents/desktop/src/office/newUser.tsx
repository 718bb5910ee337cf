import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, told } from "../api/client";
import { beginOf, endOf } from "../own/times";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault, fieldsOf } from "../parts/fault";
import { Choices, Field } from "../parts/field";
import { Once } from "../parts/sure";
import { useSay, useSpoken } from "../words/language";
import { EVERY_ROLE, type Role, ROLES } from "../words/roles";

const EMPTY = { name: "", announced: "", role: "", from: "", until: "", designation: "" };

/** An account; the password to give out is shown once. */
export function NewUser(props: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const { words, language } = useSpoken();
  const queries = useQueryClient();
  const [form, setForm] = useState(EMPTY);
  const [password, setPassword] = useState<string | null>(null);
  const { busy, error, attempt } = useAttempt();
  const faults = fieldsOf(error, language);
  const change = (part: Partial<typeof EMPTY>) => setForm((before) => ({ ...before, ...part }));
  const add = async () => {
    const body = {
      name: form.name.normalize("NFKC").trim(),
      announced_name: form.announced.trim(),
      role: form.role as Role,
      valid_from: beginOf(form.from),
      valid_until: endOf(form.until),
      designation: form.designation.trim() === "" ? null : form.designation.trim(),
    };
    const done = await attempt(async () => {
      const made = await told(api.POST("/api/users", { body }));
      setPassword(made.password === "" ? null : made.password);
    });
    if (!done) return;
    setForm(EMPTY);
    props.onClose();
    await queries.invalidateQueries({ queryKey: ["users"] });
  };
  return (
    <>
      <Window title={words.newUser} isOpen={props.isOpen} onClose={props.onClose}>
        <Field
          label={words.name}
          hint={words.nameHint}
          fault={faults["name"]}
          value={form.name}
          onChange={(name) => change({ name })}
          autoComplete="off"
          autoFocus
        />
        <Field
          label={words.announcedName}
          hint={words.announcedHint}
          fault={faults["announced_name"]}
          value={form.announced}
          onChange={(announced) => change({ announced })}
          autoComplete="off"
        />
        <RoleChoice value={form.role} fault={faults["role"]} onChange={(role) => change({ role })} />
        <Span
          from={form.from}
          until={form.until}
          faults={faults}
          onFrom={(from) => change({ from })}
          onUntil={(until) => change({ until })}
        />
        <Field
          label={words.designation}
          fault={faults["designation"]}
          value={form.designation}
          onChange={(designation) => change({ designation })}
          autoComplete="off"
        />
        <Fault error={error} />
        <div className="flex flex-wrap gap-2">
          <Button
            looks="main"
            isDisabled={busy || form.name === "" || form.announced === "" || form.role === ""}
            onPress={() => void add()}
          >
            {words.newUser}
          </Button>
          <Button looks="quiet" onPress={props.onClose}>
            {words.cancel}
          </Button>
        </div>
      </Window>
      <Once
        title={words.temporaryPassword}
        value={password}
        onClose={() => setPassword(null)}
      />
    </>
  );
}

export function RoleChoice(props: {
  readonly value: string;
  readonly fault?: string | undefined;
  readonly onChange: (role: string) => void;
}) {
  const { words } = useSpoken();
  const say = useSay();
  return (
    <Choices
      label={words.role}
      fault={props.fault}
      value={props.value}
      empty={words.choose}
      choices={EVERY_ROLE.map((role) => ({ value: role, text: say(ROLES[role]) }))}
      onChange={props.onChange}
    />
  );
}

export function Span(props: {
  readonly from: string;
  readonly until: string;
  readonly faults: Readonly<Record<string, string>>;
  readonly onFrom: (day: string) => void;
  readonly onUntil: (day: string) => void;
}) {
  const { words } = useSpoken();
  return (
    <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
      <Field
        label={words.from}
        fault={props.faults["valid_from"]}
        type="date"
        value={props.from}
        onChange={props.onFrom}
      />
      <Field
        label={words.until}
        hint={words.untilHint}
        fault={props.faults["valid_until"]}
        type="date"
        value={props.until}
        onChange={props.onUntil}
      />
    </div>
  );
}
