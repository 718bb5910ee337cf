import { type FormEvent, useRef, useState } from "react";

import { api, told } from "../api/client";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Field } from "../parts/field";
import { Sheet } from "../parts/panel";
import { type Session, useAdopt } from "../session";
import { useSpoken } from "../words/language";

/** Name and password, then whatever else the role asks for. */
export function SignIn({ session }: { readonly session: Session }) {
  switch (session.next) {
    case "factor":
    case "enrol":
      return <Code />;
    case "password":
      return <FirstPassword />;
    default:
      return <NameAndPassword />;
  }
}

function NameAndPassword() {
  const { words, other } = useSpoken();
  // http://a01.localhost:8080 is the demo's address of a01: only the password is missing.
  const [name, setName] = useState(demoName);
  const [password, setPassword] = useState("");
  const { busy, error, attempt } = useAttempt();
  const send = () => attempt(() => told(api.POST("/api/session", { body: { name, password } })));
  const secret = useRef<HTMLInputElement>(null);
  return (
    <Sheet title={words.signIn}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (password === "") secret.current?.focus();
          else void send();
        }}
      >
        <Field label={words.name} value={name} onChange={setName} autoComplete="username" autoFocus={name === ""} />
        <Field
          label={words.password}
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
          autoFocus={name !== ""}
        />
        <Fault error={error} />
        <Button looks="main" type="submit" isDisabled={busy || name === "" || password === ""}>
          {words.signIn}
        </Button>
      </form>
      <Button looks="quiet" onPress={other}>
        {words.language}
      </Button>
    </Sheet>
  );
}

function Code() {
  const { words, language } = useSpoken();
  const [code, setCode] = useState("");
  const { busy, error, attempt } = useAttempt();
  const digits = code.normalize("NFKC").replace(/[^0-9]/gu, "");
  return (
    <Sheet title={words.code}>
      <form
        className="flex flex-col gap-4"
        onSubmit={sending(() =>
          attempt(() => told(api.POST("/api/session/code", { body: { code: digits } }))),
        )}
      >
        <Field
          label={words.code}
          hint={words.codeHint}
          fault={fieldsOf(error, language)["code"]}
          value={code}
          onChange={setCode}
          inputMode="numeric"
          autoComplete="one-time-code"
          autoFocus
        />
        <Fault error={error} />
        <Button looks="main" type="submit" isDisabled={busy || digits.length < 6}>
          {words.next}
        </Button>
      </form>
    </Sheet>
  );
}

function FirstPassword() {
  const { words, language } = useSpoken();
  const [password, setPassword] = useState("");
  const { busy, error, attempt } = useAttempt();
  return (
    <Sheet title={words.newPassword}>
      <form
        className="flex flex-col gap-4"
        onSubmit={sending(() =>
          attempt(() => told(api.PUT("/api/session/password", { body: { new: password } }))),
        )}
      >
        <Field
          label={words.newPassword}
          hint={words.newPasswordHint}
          fault={fieldsOf(error, language)["new"]}
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="new-password"
          autoFocus
        />
        <Fault error={error} />
        <Button looks="main" type="submit" isDisabled={busy || password === ""}>
          {words.next}
        </Button>
      </form>
    </Sheet>
  );
}

function useAttempt() {
  const adopt = useAdopt();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const attempt = async (work: () => Promise<Session>) => {
    setBusy(true);
    setError(null);
    try {
      adopt(await work());
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, attempt };
}

function sending(send: () => Promise<void>) {
  return (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
}

function demoName(): string {
  const [first, ...rest] = window.location.hostname.split(".");
  return rest.join(".") === "localhost" ? (first ?? "") : "";
}
