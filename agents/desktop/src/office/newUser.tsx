import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, told } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault, fieldsOf } from "../parts/fault";
import { Field } from "../parts/field";
import { Once } from "../parts/sure";
import { useSpoken } from "../words/language";
import { AccountFields, isComplete, NOTHING_TYPED, sentOf } from "./accountFields";

/** An account; the password to give out is shown once. */
export function NewUser(props: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const { words, language } = useSpoken();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [form, setForm] = useState(NOTHING_TYPED);
  const [password, setPassword] = useState<string | null>(null);
  const { busy, error, attempt } = useAttempt();
  const faults = fieldsOf(error, language);
  const add = async () => {
    if (!isComplete(form)) return;
    const body = { name: name.normalize("NFKC").trim(), role: form.role, ...sentOf(form) };
    const done = await attempt(async () => {
      const made = await told(api.POST("/api/users", { body }));
      setPassword(made.password === "" ? null : made.password);
    });
    if (!done) return;
    setName("");
    setForm(NOTHING_TYPED);
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
          value={name}
          onChange={setName}
          autoComplete="off"
          autoFocus
        />
        <AccountFields form={form} faults={faults} hasRole onChange={setForm} />
        <Fault error={error} />
        <div className="flex flex-wrap gap-2">
          <Button
            looks="main"
            isDisabled={busy || name.trim() === "" || !isComplete(form)}
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
