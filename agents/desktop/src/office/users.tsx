import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, type Schemas, told } from "../api/client";
import { dayOf, lastDayOf } from "../own/times";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { Panel } from "../parts/panel";
import { useNow } from "../parts/timer";
import { useSay, useWords } from "../words/language";
import { ROLES } from "../words/roles";
import { NewUser } from "./newUser";
import { OneUser } from "./user";

export type User = Schemas["UserTold"];

/** Everybody who may sign in, and one of them at a time. */
export function Users() {
  const words = useWords();
  const say = useSay();
  const [chosen, setChosen] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const users = useQuery({
    queryKey: ["users"],
    queryFn: () => told(api.GET("/api/users")),
    gcTime: 0,
  });
  const found = users.data?.users ?? [];
  const one = found.find((user) => user.id === chosen);
  if (one !== undefined) return <OneUser key={one.id} user={one} onBack={() => setChosen(null)} />;
  return (
    <Panel
      title={words.users}
      beside={
        <Button looks="main" onPress={() => setAdding(true)}>
          {words.newUser}
        </Button>
      }
    >
      <Fault error={users.error} />
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={words.users}>
        <table className="w-full border-collapse text-left">
          <thead>
            <tr className="border-b-2 border-neutral-800">
              {[words.name, words.announcedName, words.role, words.state, words.from, words.until].map(
                (head) => (
                  <th key={head} scope="col" className="p-2">
                    {head}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {found.map((user) => (
              <tr key={user.id} className="border-b border-neutral-500">
                <th scope="row" className="p-1">
                  <Button looks="quiet" onPress={() => setChosen(user.id)}>
                    {user.name}
                  </Button>
                </th>
                <td className="p-2">{user.announced_name}</td>
                <td className="p-2">{say(ROLES[user.role])}</td>
                <td className="p-2">
                  <State user={user} />
                </td>
                <td className="p-2 tabular-nums">{dayOf(user.valid_from)}</td>
                <td className="p-2 tabular-nums">{lastDayOf(user.valid_until)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <NewUser isOpen={adding} onClose={() => setAdding(false)} />
    </Panel>
  );
}

export function State({ user }: { readonly user: User }) {
  const words = useWords();
  const now = useNow();
  const begun = user.valid_from == null || user.valid_from <= now;
  const over = user.valid_until != null && user.valid_until <= now;
  const [sign, said] = !user.enabled
    ? ["✕", words.disabled]
    : begun && !over
      ? ["●", words.active]
      : ["▲", words.outOfSpan];
  return (
    <>
      <span aria-hidden="true">{sign} </span>
      {said}
      {user.demo && ` (${words.demoUser})`}
    </>
  );
}
