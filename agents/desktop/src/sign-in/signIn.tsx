import { useRef, useState } from "react";

import { api, told } from "../api/client";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Field } from "../parts/field";
import { Sheet } from "../parts/panel";
import type { Session } from "../session";
import { useSpoken } from "../words/language";
import { BoardToken } from "./board";
import { FirstKey, SecondFactor } from "./factor";
import { sending, useStage } from "./stage";

/** Name and password, then whatever else the role asks for. */
export function SignIn({ session }: { readonly session: Session }) {
  switch (session.next) {
    case "factor":
      return <SecondFactor means={session.means ?? []} />;
    case "enrol":
      return <FirstKey />;
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
  const { busy, error, attempt } = useStage();
  const body = { name: name.normalize("NFKC").trim(), password };
  const send = () => attempt(() => told(api.POST("/api/session", { body })));
  const secret = useRef<HTMLInputElement>(null);
  const [isBoard, setBoard] = useState(false);
  if (isBoard) return <BoardToken onBack={() => setBoard(false)} />;
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
      <div className="flex flex-wrap justify-between gap-2">
        <Button looks="quiet" onPress={other}>
          {words.language}
        </Button>
        <Button looks="quiet" onPress={() => setBoard(true)}>
          {words.asBoard}
        </Button>
      </div>
    </Sheet>
  );
}

function FirstPassword() {
  const { words, language } = useSpoken();
  const [password, setPassword] = useState("");
  const { busy, error, attempt } = useStage();
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

function demoName(): string {
  const [first, ...rest] = window.location.hostname.split(".");
  return rest.join(".") === "localhost" ? (first ?? "") : "";
}
