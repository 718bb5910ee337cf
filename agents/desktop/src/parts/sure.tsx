import { Button } from "./button";
import { Window } from "./dialog";
import { useWords } from "../words/language";

/** Asks once more, and says what will happen. */
export function Sure(props: {
  readonly title: string;
  readonly says: string;
  readonly isOpen: boolean;
  readonly onYes: () => void;
  readonly onClose: () => void;
}) {
  const words = useWords();
  return (
    <Window title={props.title} isOpen={props.isOpen} onClose={props.onClose}>
      <p>{props.says}</p>
      <div className="flex flex-wrap gap-2">
        <Button
          looks="danger"
          onPress={() => {
            props.onClose();
            props.onYes();
          }}
        >
          {props.title}
        </Button>
        <Button looks="quiet" onPress={props.onClose} autoFocus>
          {words.cancel}
        </Button>
      </div>
    </Window>
  );
}

/** Something that is shown once, and then never again. */
export function Once(props: {
  readonly title: string;
  readonly value: string | null;
  readonly onClose: () => void;
}) {
  const words = useWords();
  return (
    <Window title={props.title} isOpen={props.value !== null} onClose={props.onClose}>
      <p className="select-all rounded-md border-2 border-neutral-900 p-3 font-mono text-xl break-all">
        {props.value}
      </p>
      <p>{words.shownOnce}</p>
      <Button looks="main" onPress={props.onClose}>
        {words.close}
      </Button>
    </Window>
  );
}
