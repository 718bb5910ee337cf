import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, told } from "../api/client";
import { LONGEST_NAME } from "../guard/length";
import { moment } from "../own/times";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault, fieldsOf } from "../parts/fault";
import { Choices } from "../parts/field";
import { Guarded } from "../parts/guarded";
import { Panel } from "../parts/panel";
import { Once } from "../parts/sure";
import { useSpoken } from "../words/language";

/** Wall boards: what opens them, and taking it back. */
export function Boards() {
  const { words, language } = useSpoken();
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [user, setUser] = useState("");
  const [label, setLabel] = useState("");
  const [token, setToken] = useState<string | null>(null);
  const { busy, error, attempt } = useAttempt();
  const boards = useQuery({
    queryKey: ["displays"],
    queryFn: () => told(api.GET("/api/displays")),
    gcTime: 0,
  });
  const users = useQuery({ queryKey: ["users"], queryFn: () => told(api.GET("/api/users")), gcTime: 0 });
  const displays = users.data?.users.filter((each) => each.role === "display") ?? [];
  const again = () => queries.invalidateQueries({ queryKey: ["displays"] });
  const add = async () => {
    const params = { path: { user } };
    const done = await attempt(async () => {
      const made = api.POST("/api/users/{user}/displays", { params, body: { label: label.trim() } });
      setToken((await told(made)).token);
    });
    if (!done) return;
    setOpen(false);
    setLabel("");
    await again();
  };
  const revoke = async (display: string) => {
    const params = { path: { display } };
    await attempt(() => told(api.DELETE("/api/displays/{display}", { params })));
    await again();
  };
  return (
    <Panel
      title={words.boards}
      beside={
        <Button looks="main" onPress={() => setOpen(true)}>
          {words.addBoard}
        </Button>
      }
    >
      <Fault error={boards.error ?? users.error ?? (isOpen ? null : error)} />
      <ul className="flex flex-col gap-2">
        {boards.data?.displays.map((board) => (
          <li
            key={board.id}
            className="flex flex-wrap items-center justify-between gap-2 border-t border-neutral-400 pt-2"
          >
            <span>
              <strong>{board.label}</strong>{" "}
              <span className="tabular-nums">{moment(board.created_at)}</span>
            </span>
            {board.revoked_at == null ? (
              <Button
                looks="danger"
                isDisabled={busy}
                aria-label={`${words.revokeBoard}: ${board.label}`}
                onPress={() => void revoke(board.id)}
              >
                {words.revokeBoard}
              </Button>
            ) : (
              <span>
                <span aria-hidden="true">✕ </span>
                {words.revoked} {moment(board.revoked_at)}
              </span>
            )}
          </li>
        ))}
      </ul>
      <Window title={words.addBoard} isOpen={isOpen} onClose={() => setOpen(false)}>
        <Choices
          label={words.users}
          value={user}
          empty={words.choose}
          choices={displays.map((each) => ({ value: each.id, text: each.announced_name }))}
          onChange={setUser}
        />
        <Guarded
          label={words.place}
          fault={fieldsOf(error, language)["label"]}
          value={label}
          longest={LONGEST_NAME}
          onChange={setLabel}
        />
        <Fault error={error} />
        <div className="flex flex-wrap gap-2">
          <Button
            looks="main"
            isDisabled={busy || user === "" || label.trim() === ""}
            onPress={() => void add()}
          >
            {words.addBoard}
          </Button>
          <Button looks="quiet" onPress={() => setOpen(false)}>
            {words.cancel}
          </Button>
        </div>
      </Window>
      <Once title={words.boardToken} value={token} onClose={() => setToken(null)} />
    </Panel>
  );
}
