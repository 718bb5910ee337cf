import type { Schemas } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { useWords } from "../words/language";
import { moment } from "./times";

/** Where somebody is signed in, each with a way to end it. */
export function Sessions(props: {
  readonly sessions: readonly Schemas["SessionSeen"][];
  readonly onEnd: (session: string) => Promise<void>;
}) {
  const words = useWords();
  const { busy, error, attempt } = useAttempt();
  if (props.sessions.length === 0) return <p>{words.noSessions}</p>;
  return (
    <>
      <Fault error={error} />
      <ul className="flex flex-col gap-2">
        {props.sessions.map((session) => (
          <li
            key={session.id}
            className="flex flex-wrap items-center justify-between gap-2 border-t border-neutral-400 pt-2"
          >
            <dl className="grid grid-cols-[auto_1fr] gap-x-3">
              <dt>{words.address}</dt>
              <dd>
                {session.address} {session.seat != null && `(${session.seat})`}{" "}
                {session.own && <strong>{words.thisPage}</strong>}
              </dd>
              <dt>{words.since}</dt>
              <dd className="tabular-nums">{moment(session.created_at)}</dd>
              <dt>{words.lastSeen}</dt>
              <dd className="tabular-nums">{moment(session.seen_at)}</dd>
            </dl>
            {!session.own && (
              <Button
                isDisabled={busy}
                aria-label={`${words.endSession}: ${session.address} ${moment(session.created_at)}`}
                onPress={() => void attempt(() => props.onEnd(session.id))}
              >
                {words.endSession}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
