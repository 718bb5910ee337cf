import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, Problem, type Schemas, told } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault, fieldsOf } from "../parts/fault";
import { Field } from "../parts/field";
import { useSayAloud } from "../parts/live";
import { Panel } from "../parts/panel";
import { useSpoken, useWords } from "../words/language";
import { ja } from "../words/office";
import { en } from "../words/office";
import { moment } from "./times";
import { askKey, canAskKeys } from "./webauthn";

type Factor = Schemas["FactorTold"];

export const NO_KEY = new Problem(0, ja.keyFailed, en.keyFailed);

/** What one signs in with besides the password; one's own keys come and go with the password. */
export function Factors() {
  const words = useWords();
  const queries = useQueryClient();
  const factors = useQuery({
    queryKey: ["own-factors"],
    queryFn: () => told(api.GET("/api/me/factors")),
    gcTime: 0,
  });
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Factor | null>(null);
  const changed = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ["own-factors"] }),
      queries.invalidateQueries({ queryKey: ["own-sessions"] }),
    ]);
  return (
    <Panel title={words.factors}>
      <Fault error={factors.error} />
      {factors.data?.factors.length === 0 && <p>{words.noFactors}</p>}
      <ul className="mb-2 flex flex-col gap-2">
        {factors.data?.factors.map((factor) => (
          <li key={factor.id} className="flex flex-wrap items-center justify-between gap-2">
            <FactorLine factor={factor} />
            {factor.kind === "key" && (
              <Button
                looks="quiet"
                aria-label={`${words.remove}: ${factor.label}`}
                onPress={() => setRemoving(factor)}
              >
                {words.remove}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {canAskKeys() ? (
        <Button onPress={() => setAdding(true)}>{words.addKey}</Button>
      ) : (
        <p>{words.keyNotHere}</p>
      )}
      <AddKey isOpen={adding} onClose={() => setAdding(false)} onDone={changed} />
      <RemoveKey factor={removing} onClose={() => setRemoving(null)} onDone={changed} />
    </Panel>
  );
}

export function FactorLine({ factor }: { readonly factor: Factor }) {
  const words = useWords();
  const kind = factor.kind === "key" ? words.securityKey : `${words.codeGenerator} (${factor.kind})`;
  return (
    <span>
      {kind}: <strong>{factor.label}</strong> —{" "}
      {factor.used_at == null ? words.neverUsed : `${words.lastUsed} ${moment(factor.used_at)}`}
    </span>
  );
}

type Done = { readonly onClose: () => void; readonly onDone: () => Promise<unknown> };

function AddKey({ isOpen, onClose, onDone }: Done & { readonly isOpen: boolean }) {
  const words = useWords();
  const { language } = useSpoken();
  const say = useSayAloud();
  const [label, setLabel] = useState("");
  const [password, setPassword] = useState("");
  const { busy, error, attempt } = useAttempt();
  const add = async () => {
    const done = await attempt(async () => {
      const question = await told(api.POST("/api/me/keys/options", { body: { password } }));
      say(words.touchKey, true);
      const credential = await askKey(question).catch(() => Promise.reject(NO_KEY));
      await told(api.POST("/api/me/keys", { body: { label, credential } }));
    });
    if (!done) return;
    setLabel("");
    setPassword("");
    onClose();
    await onDone();
  };
  return (
    <Window title={words.addKey} isOpen={isOpen} onClose={onClose}>
      <Field
        label={words.keyLabel}
        hint={words.keyLabelHint}
        fault={fieldsOf(error, language)["label"]}
        value={label}
        onChange={setLabel}
        autoFocus
      />
      <Field
        label={words.password}
        hint={words.passwordAgain}
        fault={fieldsOf(error, language)["password"]}
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
      />
      <Fault error={error} />
      {busy && <p role="status">{words.touchKey}</p>}
      <div className="flex flex-wrap gap-2">
        <Button
          looks="main"
          isDisabled={busy || label.trim() === "" || password === ""}
          onPress={() => void add()}
        >
          {words.next}
        </Button>
        <Button looks="quiet" onPress={onClose}>
          {words.cancel}
        </Button>
      </div>
    </Window>
  );
}

function RemoveKey({ factor, onClose, onDone }: Done & { readonly factor: Factor | null }) {
  const words = useWords();
  const { language } = useSpoken();
  const [password, setPassword] = useState("");
  const { busy, error, attempt } = useAttempt();
  const remove = async () => {
    const params = { path: { factor: factor?.id ?? "" } };
    const asked = () =>
      told(api.POST("/api/me/keys/{factor}/removal", { params, body: { password } }));
    if (!(await attempt(asked))) return;
    setPassword("");
    onClose();
    await onDone();
  };
  return (
    <Window
      title={`${words.remove}: ${factor?.label ?? ""}`}
      isOpen={factor !== null}
      onClose={onClose}
    >
      <Field
        label={words.password}
        hint={words.passwordAgain}
        fault={fieldsOf(error, language)["password"]}
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        autoFocus
      />
      <Fault error={error} />
      <div className="flex flex-wrap gap-2">
        <Button looks="danger" isDisabled={busy || password === ""} onPress={() => void remove()}>
          {words.remove}
        </Button>
        <Button looks="quiet" onPress={onClose}>
          {words.cancel}
        </Button>
      </div>
    </Window>
  );
}
