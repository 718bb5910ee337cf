import { useState } from "react";

import { api, told } from "../api/client";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { Field } from "../parts/field";
import { Sheet } from "../parts/panel";
import { useWords } from "../words/language";
import { sending, useStage } from "./stage";

/** A wall board is opened once, with what the administrator gave out for it. */
export function BoardToken({ onBack }: { readonly onBack: () => void }) {
  const words = useWords();
  const [token, setToken] = useState("");
  const { busy, error, attempt } = useStage();
  const body = { token: token.trim() };
  return (
    <Sheet title={words.asBoard}>
      <form
        className="flex flex-col gap-4"
        onSubmit={sending(() => attempt(() => told(api.POST("/api/session/display", { body }))))}
      >
        <Field
          label={words.boardToken}
          hint={words.boardTokenHint}
          type="password"
          autoComplete="off"
          value={token}
          onChange={setToken}
          autoFocus
        />
        <Fault error={error} />
        <Button looks="main" type="submit" isDisabled={busy || body.token.length < 20}>
          {words.open}
        </Button>
      </form>
      <Button looks="quiet" onPress={onBack}>
        {words.back}
      </Button>
    </Sheet>
  );
}
