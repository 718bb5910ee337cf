import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, told } from "../api/client";
import { FactorLine } from "../own/factors";
import { Sessions } from "../own/sessions";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { useSayAloud } from "../parts/live";
import { Panel } from "../parts/panel";
import { Once, Sure } from "../parts/sure";
import { useSigned } from "../session";
import { useSpoken, useWords } from "../words/language";
import { AccountFields, type AccountForm, formOf, isComplete, sentOf, without } from "./accountFields";
import { Generator } from "./generator";
import { State, type User } from "./users";

type Asked = "end" | "reset" | "sessions" | null;

/** One account: what it says, what opens it, where it is open. */
export function OneUser({ user, onBack }: { readonly user: User; readonly onBack: () => void }) {
  const words = useWords();
  return (
    <div className="flex flex-col gap-3">
      <div>
        <Button onPress={onBack}>← {words.back}</Button>
      </div>
      <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
        <Account key={user.id} user={user} />
        <div className="flex flex-col gap-3">
          {user.role !== "display" && <Opens user={user} />}
          <SignedInAt user={user} />
        </div>
      </div>
    </div>
  );
}

function Account({ user }: { readonly user: User }) {
  const { words, language } = useSpoken();
  const { person } = useSigned();
  const say = useSayAloud();
  const queries = useQueryClient();
  // What is typed outlives a change of the account by another button, or by somebody else.
  const [typed, setTyped] = useState<Partial<AccountForm>>({});
  const form = { ...formOf(user), ...typed };
  const [asked, setAsked] = useState<Asked>(null);
  const { busy, error, attempt } = useAttempt();
  const faults = fieldsOf(error, language);
  const isOneself = person.id === user.id;
  const change = (next: AccountForm) => setTyped({ ...typed, ...without(next, form) });
  const patch = async (values: Partial<User>) => {
    const params = { path: { user: user.id } };
    const body = { version: user.version, ...values };
    const done = await attempt(() => told(api.PATCH("/api/users/{user}", { params, body })));
    if (!done) return false;
    say(words.changed);
    await queries.invalidateQueries({ queryKey: ["users"] });
    return true;
  };
  const keep = async () => {
    const role = isOneself || form.role === "" || form.role === user.role ? {} : { role: form.role };
    if (await patch({ ...sentOf(form), ...role })) setTyped((now) => without(now, typed));
  };
  return (
    <Panel
      title={`${user.name} — ${user.announced_name}`}
      beside={
        <p>
          <State user={user} />
        </p>
      }
    >
      <div className="flex flex-col gap-3">
        <AccountFields form={form} faults={faults} hasRole={!isOneself} onChange={change} />
        <Fault error={error} />
        <div className="flex flex-wrap gap-2">
          <Button
            looks="main"
            isDisabled={busy || !isComplete(form)}
            onPress={() => void keep()}
          >
            {words.save}
          </Button>
          {!isOneself && user.enabled && (
            <Button looks="danger" isDisabled={busy} onPress={() => setAsked("end")}>
              {words.endAccount}
            </Button>
          )}
          {!isOneself && !user.enabled && (
            <Button isDisabled={busy} onPress={() => void patch({ enabled: true })}>
              {words.resumeAccount}
            </Button>
          )}
        </div>
      </div>
      <Sure
        title={words.endAccount}
        says={words.endAccountSure}
        isOpen={asked === "end"}
        onYes={() => void patch({ enabled: false })}
        onClose={() => setAsked(null)}
      />
    </Panel>
  );
}

function Opens({ user }: { readonly user: User }) {
  const words = useWords();
  const say = useSayAloud();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Asked>(null);
  const [password, setPassword] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const { busy, error, attempt } = useAttempt();
  const params = { path: { user: user.id } };
  const changed = () => queries.invalidateQueries({ queryKey: ["users"] });
  const reset = async () => {
    await attempt(async () => {
      setPassword((await told(api.POST("/api/users/{user}/password", { params }))).password);
    });
    await queries.invalidateQueries();
  };
  const allow = async () => {
    const asking = () => told(api.POST("/api/users/{user}/key-permit", { params }));
    if (await attempt(asking)) say(words.allowed);
    await changed();
  };
  const remove = async (factor: string) => {
    const of = { path: { user: user.id, factor } };
    await attempt(() => told(api.DELETE("/api/users/{user}/factors/{factor}", { params: of })));
    await queries.invalidateQueries();
  };
  return (
    <Panel title={words.factors}>
      <ul className="mb-2 flex flex-col gap-2">
        {user.factors.length === 0 && <li>{words.noFactors}</li>}
        {user.factors.map((factor) => (
          <li key={factor.id} className="flex flex-wrap items-center justify-between gap-2">
            <FactorLine factor={factor} />
            <Button
              looks="quiet"
              isDisabled={busy}
              aria-label={`${words.remove}: ${factor.label}`}
              onPress={() => void remove(factor.id)}
            >
              {words.remove}
            </Button>
          </li>
        ))}
      </ul>
      {user.may_add_key_until != null && <p className="mb-2">{words.allowed}</p>}
      <Fault error={error} />
      <div className="flex flex-wrap gap-2">
        <Button isDisabled={busy} onPress={() => setAdding(true)}>
          {words.addGenerator}
        </Button>
        <Button isDisabled={busy} onPress={() => void allow()}>
          {words.allowKey}
        </Button>
        <Button isDisabled={busy} onPress={() => setAsked("reset")}>
          {words.resetPassword}
        </Button>
      </div>
      <Generator user={user.id} isOpen={adding} onClose={() => setAdding(false)} onDone={changed} />
      <Sure
        title={words.resetPassword}
        says={words.resetSure}
        isOpen={asked === "reset"}
        onYes={() => void reset()}
        onClose={() => setAsked(null)}
      />
      <Once title={words.temporaryPassword} value={password} onClose={() => setPassword(null)} />
    </Panel>
  );
}

function SignedInAt({ user }: { readonly user: User }) {
  const words = useWords();
  const queries = useQueryClient();
  const params = { path: { user: user.id } };
  const { busy, error, attempt } = useAttempt();
  const found = useQuery({
    queryKey: ["sessions", user.id],
    queryFn: () => told(api.GET("/api/users/{user}/sessions", { params })),
    gcTime: 0,
  });
  const again = () => queries.invalidateQueries({ queryKey: ["sessions", user.id] });
  const end = async (session: string) => {
    const of = { path: { user: user.id, session } };
    await told(api.DELETE("/api/users/{user}/sessions/{session}", { params: of }));
    await again();
  };
  const endAll = async () => {
    await attempt(() => told(api.DELETE("/api/users/{user}/sessions", { params })));
    await again();
  };
  const sessions = found.data?.sessions ?? [];
  return (
    <Panel title={words.sessions}>
      <Fault error={found.error ?? error} />
      <Sessions sessions={sessions} onEnd={end} />
      {sessions.length > 0 && sessions.every((session) => !session.own) && (
        <Button looks="danger" isDisabled={busy} onPress={() => void endAll()}>
          {words.endAll}
        </Button>
      )}
    </Panel>
  );
}
