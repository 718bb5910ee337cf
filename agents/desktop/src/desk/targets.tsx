import { type ReactNode, useState } from "react";

import type { Catalogue } from "../catalogue";
import { useFloor } from "../news/feed";
import type { Agent } from "../news/floor";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { useKeys } from "../parts/keys";
import { useSay, useWords } from "../words/language";

/** States in which the controller rings somebody for a colleague; who is at a break can be called. */
export const MAY_BE_CALLED: ReadonlySet<string> = new Set(["ready", "paused"]);
export const MAY_BE_HANDED_TO: ReadonlySet<string> = new Set(["ready"]);

/** Colleagues, the supervisor and the city's extensions: chosen by name, never by a number. */
export function Targets(props: {
  readonly title: string;
  readonly says?: string;
  readonly agent: Agent;
  readonly catalogue: Catalogue;
  readonly free: ReadonlySet<string>;
  readonly keys?: string;
  readonly above?: ReactNode; // what else is said of it
  readonly isBlocked?: boolean; // by what stands above
  readonly onChosen: (target: string) => void;
}) {
  const words = useWords();
  const [isOpen, setOpen] = useState(false);
  const outside = props.catalogue.extensions;
  useKeys(props.keys === undefined ? {} : { [props.keys]: () => setOpen(true) });
  const choose = (target: string) => {
    setOpen(false);
    props.onChosen(target);
  };
  return (
    <>
      <Button {...(props.keys === undefined ? {} : { keys: props.keys })} onPress={() => setOpen(true)}>
        {props.says ?? props.title}
      </Button>
      <Window title={props.title} isOpen={isOpen} onClose={() => setOpen(false)}>
        {props.above}
        <Colleagues {...props} onChosen={choose} />
        {outside.length > 0 && <h3 className="font-bold">{words.cityExtensions}</h3>}
        <ul className="flex flex-col gap-2">
          {outside.map((extension) => (
            <li key={extension.target}>
              <Button isDisabled={props.isBlocked === true} onPress={() => choose(extension.target)}>
                {extension.name}
              </Button>
            </li>
          ))}
        </ul>
        <Button looks="quiet" onPress={() => setOpen(false)}>
          {words.cancel}
        </Button>
      </Window>
    </>
  );
}

/** As they are now; only the open window follows what everybody does. */
function Colleagues(props: {
  readonly agent: Agent;
  readonly catalogue: Catalogue;
  readonly free: ReadonlySet<string>;
  readonly isBlocked?: boolean;
  readonly onChosen: (target: string) => void;
}) {
  const words = useWords();
  const say = useSay();
  const agents = useFloor((floor) => floor.agents);
  const others = agents.filter((other) => other.seat !== props.agent.seat);
  const isFree = (other: Agent) => props.free.has(other.state) && other.phone !== "gone";
  const first = others.find(isFree)?.seat; // who is one key away
  return (
    <>
      <h3 className="font-bold">{words.colleagues}</h3>
      <ul className="flex flex-col gap-2">
        {others.map((other) => (
          <li key={other.seat}>
            <Button
              isDisabled={!isFree(other) || props.isBlocked === true}
              autoFocus={other.seat === first}
              onPress={() => props.onChosen(other.seat)}
            >
              {other.name} ({other.seat}) —{" "}
              {say(props.catalogue.states.states[other.state], other.state)}
            </Button>
          </li>
        ))}
      </ul>
      {others.length === 0 && <p>{words.noTargets}</p>}
    </>
  );
}
