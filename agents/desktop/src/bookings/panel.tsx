import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { api, told } from "../api/client";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { Guarded } from "../parts/guarded";
import { useKeys } from "../parts/keys";
import { Panel } from "../parts/panel";
import type { Saving } from "../parts/saved";
import { useBringing } from "./bring";
import { useDeed } from "./deed";
import { Done } from "./done";
import { Entry, useAge } from "./entry";
import { Find } from "./find";
import {
  type Booking, empty, facts, fromBooking, type Identity, type Mode, type Sites, type Typed,
} from "./form";
import { Picks } from "./picks";
import { SpellingCard } from "./spelling";
import { onEnter } from "./stops";
import { type Drafted, useBookingDraft } from "./typed";
import { useBookingWords } from "./words";

export const FRESH = { gcTime: 0, staleTime: Infinity, retry: false } as const;

type Props = {
  readonly call: string;
  readonly begins: Mode; // by what the caller chose in the menu
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onPending: (pending: boolean) => void; // F4 is ours
};

/** The booking beside the call: what is typed is on the server, and nowhere else. */
export function Bookings(props: Props) {
  const words = useBookingWords();
  const { call } = props;
  const params = { path: { call } };
  const sites = useQuery({
    queryKey: ["booking-sites"],
    queryFn: () => told(api.GET("/api/bookings/sites")),
  });
  const draft = useQuery({
    ...FRESH,
    queryKey: ["booking-draft", call],
    queryFn: () => told(api.GET("/api/calls/{call}/booking-draft", { params })),
  });
  const made = useQuery({
    ...FRESH,
    queryKey: ["bookings", call],
    queryFn: () => told(api.GET("/api/calls/{call}/bookings", { params })),
  });
  if (sites.data === undefined || draft.data === undefined || made.data === undefined)
    return (
      <Panel title={words.title}>
        <Fault error={sites.error ?? draft.error ?? made.error} />
      </Panel>
    );
  return (
    <Loaded {...props} sites={sites.data} draft={draft.data} made={made.data.bookings} />
  );
}

type LoadedProps = Props & {
  readonly sites: Sites;
  readonly draft: Drafted;
  readonly made: readonly Booking[];
};

function Loaded(props: LoadedProps) {
  const { call, begins, sites, isOpen, onPending } = props;
  const words = useBookingWords();
  const first = sites.sites[0]?.code ?? null;
  const saved = useBookingDraft(call, props.draft, () => empty(begins, first));
  const typed = saved.form;
  const [done, setDone] = useState<Booking | null>(
    props.draft.form == null ? (props.made.find((one) => one.status !== "held" && one.status !== "expired") ?? null) : null,
  );
  const [present, setPresent] = useState<readonly string[]>([]);
  const [spelling, setSpelling] = useState(false);
  const deed = useDeed({ call, saved, sites, made: props.made, onDone: setDone });
  const pending = isOpen && done === null && (typed.mode === "new" || typed.booking !== null);
  useEffect(() => {
    onPending(pending);
    return () => onPending(false);
  }, [pending, onPending]);
  useKeys({ F4: () => void deed.submit() }, pending);
  useKeys({ s: () => setSpelling(true) }, isOpen);
  const panel = useFocusOnOpen(isOpen);
  const begun = useRef(props.draft.form == null && done === null ? typed : null);
  useEffect(() => {
    // What was chosen in the menu may come after the panel; whatever was typed by then stays.
    if (begun.current !== saved.latest.current || begins === typed.mode) return;
    begun.current = empty(begins, first);
    saved.adopt(begun.current);
  }, [begins]);

  const choose = (mode: string) => {
    setPresent([]);
    saved.change({ mode: mode as Mode, booking: null, identity: null });
  };
  const known = (booking: Booking, spoken: readonly string[], by: Identity) => {
    setPresent(spoken);
    saved.change(fromBooking(typed.mode, booking, by));
  };
  const again = () => {
    setDone(null);
    setPresent([]);
    saved.restart(empty("new", first));
  };
  return (
    <div ref={panel} onKeyDown={onEnter}>
      <Panel title={words.title} beside={<Beside saving={saved.saving} onSpelling={() => setSpelling(true)} onClose={props.onClose} />}>
        {done === null ? (
          <div className="flex flex-col gap-3">
            <Picks
              label={words.what}
              value={typed.mode}
              picks={(["new", "change", "cancel"] as const).map((value) => ({ value, text: words[value] }))}
              onPick={choose}
            />
            {present.length > 0 && <Present spoken={present} />}
            {typed.mode !== "new" && typed.booking === null ? (
              <Find
                key={typed.mode}
                sites={sites}
                query={typed.query}
                onQuery={(query) => saved.change({ query })}
                onKnown={known}
              />
            ) : (
              <Form {...props} typed={typed} deed={deed} change={saved.change} error={saved.error} />
            )}
          </div>
        ) : (
          <div className="flex flex-col gap-3">
            <Done
              key={done.id}
              booking={done}
              call={call}
              sites={sites}
              mayUndo={deed.mayUndo(done)}
              onBooking={(booking) => {
                setDone(booking);
                deed.told();
              }}
            />
            <div>
              <Button onPress={again}>{words.more}</Button>
            </div>
          </div>
        )}
      </Panel>
      <SpellingCard isOpen={spelling} onClose={() => setSpelling(false)} />
    </div>
  );
}

type FormProps = {
  readonly call: string;
  readonly sites: Sites;
  readonly typed: Typed;
  readonly deed: ReturnType<typeof useDeed>;
  readonly change: (changed: Partial<Typed>) => void;
  readonly error: unknown; // of the draft
};

/** Whatever is typed until the deed is done. */
function Form({ call, sites, typed, deed, change, error }: FormProps) {
  const words = useBookingWords();
  const age = useAge(typed, deed.when);
  const bringing = useBringing(typed, deed.when?.day ?? sites.sites[0]?.first ?? "", age);
  deed.docs({ version: bringing.data?.version ?? null, answers: facts(typed, age) });
  const confirms = {
    new: sites.master === "city" ? words.confirmCity : words.confirm,
    change: words.confirmChange,
    cancel: words.confirmCancel,
  };
  return (
    <>
      {typed.mode !== "cancel" && (
        <Entry
          call={call}
          typed={typed}
          sites={sites}
          when={deed.when}
          holdUntil={deed.holdUntil}
          bringing={bringing}
          error={deed.error}
          onChange={change}
          onTime={() => void deed.hold()}
        />
      )}
      {typed.mode !== "new" && (
        <div data-stop>
          <Guarded
            label={words.why}
            longest={200}
            value={typed.why}
            autoFocus={typed.mode === "cancel"}
            onChange={(why) => change({ why })}
          />
        </div>
      )}
      <Fault error={deed.error ?? error} />
      <div className="flex flex-wrap gap-2">
        <Button
          data-stop
          looks={typed.mode === "cancel" ? "danger" : "main"}
          keys="F4"
          isDisabled={deed.busy}
          onPress={() => void deed.submit()}
        >
          {confirms[typed.mode]}
        </Button>
        {typed.mode !== "new" && (
          <Button looks="quiet" onPress={() => change({ booking: null, identity: null })}>
            {words.another}
          </Button>
        )}
      </div>
    </>
  );
}

function Present({ spoken }: { readonly spoken: readonly string[] }) {
  const words = useBookingWords();
  return (
    <section aria-label={words.present} className="rounded-md border-l-8 border-neutral-700 bg-neutral-50 p-3">
      <h3 className="font-bold">{words.present}</h3>
      <ul>
        {spoken.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}

function Beside(props: {
  readonly saving: Saving;
  readonly onSpelling: () => void;
  readonly onClose: () => void;
}) {
  const words = useBookingWords();
  const told = {
    none: "",
    saving: words.draftSaving,
    kept: words.draftKept,
    failed: words.draftFailed,
  }[props.saving];
  return (
    <div className="flex flex-wrap items-center gap-2">
      <p role="status" className={props.saving === "failed" ? "font-bold text-red-900" : "text-sm"}>
        {told}
      </p>
      <Button looks="quiet" keys="S" onPress={props.onSpelling}>
        {words.spelling}
      </Button>
      <Button looks="quiet" keys="B" onPress={props.onClose}>
        {words.close}
      </Button>
    </div>
  );
}

/** Where typing begins, each time the panel is opened. */
function useFocusOnOpen(isOpen: boolean) {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const texts = panel.current?.querySelectorAll<HTMLInputElement>("input:not([type=radio]):not([type=checkbox])");
    texts?.[0]?.focus();
  }, [isOpen]);
  return panel;
}

