import { type FormEvent, useState } from "react";

import { type Session, useAdopt } from "../session";

/** One stage of signing in: what the desk answers is where one is then. */
export function useStage() {
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

export function sending(send: () => Promise<void>) {
  return (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
}
