import { useState } from "react";

import { api, told } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault, fieldsOf } from "../parts/fault";
import { Choices, Field } from "../parts/field";
import { useSpoken } from "../words/language";

/** A code generator, by the seed that its maker sent. */
export function Generator(props: {
  readonly user: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
}) {
  const { words, language } = useSpoken();
  const [label, setLabel] = useState("");
  const [seed, setSeed] = useState("");
  const [kind, setKind] = useState("totp");
  const { busy, error, attempt } = useAttempt();
  const faults = fieldsOf(error, language);
  const add = async () => {
    const params = { path: { user: props.user } };
    const body = {
      label: label.trim(),
      seed: seed.normalize("NFKC").replace(/\s/gu, ""),
      kind: kind === "hotp" ? ("hotp" as const) : ("totp" as const),
      digits: 6 as const,
      algorithm: "sha1" as const,
    };
    if (!(await attempt(() => told(api.POST("/api/users/{user}/factors", { params, body }))))) return;
    setLabel("");
    setSeed("");
    props.onClose();
    await props.onDone();
  };
  return (
    <Window title={words.addGenerator} isOpen={props.isOpen} onClose={props.onClose}>
      <Field
        label={words.generatorLabel}
        fault={faults["label"]}
        value={label}
        onChange={setLabel}
        autoFocus
      />
      <Choices
        label={words.kind}
        fault={faults["kind"]}
        value={kind}
        empty={words.choose}
        choices={[
          { value: "totp", text: words.totp },
          { value: "hotp", text: words.hotp },
        ]}
        onChange={setKind}
      />
      <Field
        label={words.seed}
        hint={words.seedHint}
        fault={faults["seed"]}
        value={seed}
        onChange={setSeed}
        autoComplete="off"
        spellCheck="false"
      />
      <Fault error={error} />
      <div className="flex flex-wrap gap-2">
        <Button
          looks="main"
          isDisabled={busy || label.trim() === "" || seed.trim() === "" || kind === ""}
          onPress={() => void add()}
        >
          {words.save}
        </Button>
        <Button looks="quiet" onPress={props.onClose}>
          {words.cancel}
        </Button>
      </div>
    </Window>
  );
}
