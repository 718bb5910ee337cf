import { useState } from "react";

import { api, Problem, told } from "../api/client";
import { askKey, canAskKeys } from "../own/webauthn";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Field } from "../parts/field";
import { Sheet } from "../parts/panel";
import { useSpoken, useWords } from "../words/language";
import * as office from "../words/office";
import { sending, useStage } from "./stage";

const NOT_IT = new Problem(0, office.ja.keyFailed, office.en.keyFailed);

/** What the person has: a code, a security key, or either. */
export function SecondFactor({ means }: { readonly means: readonly string[] }) {
  const words = useWords();
  return (
    <Sheet title={words.factors}>
      {means.includes("code") && <Code />}
      {means.includes("key") && <Key says={words.useKey} />}
    </Sheet>
  );
}

/** A key must be registered before there is any other way in. */
export function FirstKey() {
  const words = useWords();
  return (
    <Sheet title={words.addKey}>
      <Key says={words.registerKey} />
    </Sheet>
  );
}

function Key({ says }: { readonly says: string }) {
  const words = useWords();
  const { busy, error, attempt } = useStage();
  if (!canAskKeys()) return <p>{words.keyNotHere}</p>;
  const ask = () =>
    attempt(async () => {
      const question = await told(api.POST("/api/session/key/options"));
      const credential = await askKey(question).catch(() => Promise.reject(NOT_IT));
      return told(api.POST("/api/session/key", { body: { credential } }));
    });
  return (
    <>
      <Fault error={error} />
      {busy && <p role="status">{words.touchKey}</p>}
      <Button looks="main" isDisabled={busy} onPress={() => void ask()}>
        {says}
      </Button>
    </>
  );
}

function digitsOf(typed: string): string {
  return typed.normalize("NFKC").replace(/[^0-9]/gu, "");
}

function Code() {
  const { words, language } = useSpoken();
  const [code, setCode] = useState("");
  const [second, setSecond] = useState("");
  const { busy, error, attempt } = useStage();
  const body = { code: digitsOf(code), second: second === "" ? null : digitsOf(second) };
  const send = () => attempt(() => told(api.POST("/api/session/code", { body })));
  return (
    <form className="flex flex-col gap-4" onSubmit={sending(send)}>
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
      {error != null && (
        <Field
          label={words.secondCode}
          hint={words.secondCodeHint}
          fault={fieldsOf(error, language)["second"]}
          value={second}
          onChange={setSecond}
          inputMode="numeric"
          autoComplete="off"
        />
      )}
      <Fault error={error} />
      <Button looks="main" type="submit" isDisabled={busy || body.code.length < 6}>
        {words.next}
      </Button>
    </form>
  );
}
