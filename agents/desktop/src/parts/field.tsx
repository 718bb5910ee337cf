import { type KeyboardEvent, useId } from "react";
import {
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
  TextField,
  type TextFieldProps,
} from "react-aria-components";

const BOX =
  "w-full rounded-md border border-neutral-700 bg-white px-3 py-2 text-base " +
  "focus-visible:outline-3 focus-visible:outline-offset-2 focus-visible:outline-black " +
  "focus-visible:ring-3 focus-visible:ring-yellow-300 aria-invalid:border-red-900";

type Props = Omit<TextFieldProps, "className" | "children" | "isInvalid"> & {
  readonly label: string;
  readonly hint?: string;
  readonly hintBelow?: boolean; // the box is level with others beside it
  readonly fault?: string | undefined;
  readonly rows?: number;
};

/** One text, with its hint and its fault; Enter moves on and never sends.
 *
 * A fault is told and bars nothing: the browser's own check would not let a form be sent once more.
 */
export function Field({ label, hint, hintBelow = false, fault, rows, ...rest }: Props) {
  const told = hint !== undefined && (
    <Text slot="description" className="text-sm text-neutral-800">
      {hint}
    </Text>
  );
  return (
    <TextField
      {...rest}
      isInvalid={fault !== undefined}
      validationBehavior="aria"
      className="flex flex-col gap-1"
    >
      <Label className="font-bold">{label}</Label>
      {!hintBelow && told}
      {rows === undefined ? <Input className={BOX} onKeyDown={moveOn} /> : <TextArea rows={rows} className={BOX} />}
      {hintBelow && told}
      <FieldError className="text-sm font-bold text-red-900">{fault}</FieldError>
    </TextField>
  );
}

/** Enter goes to the next field; in a form of its own, as at the sign-in, it sends. */
function moveOn(event: KeyboardEvent<HTMLInputElement>): void {
  const here = event.currentTarget;
  if (event.key !== "Enter" || event.nativeEvent.isComposing || here.form !== null) return;
  event.preventDefault();
  const around = here.closest("section, [role=dialog]") ?? document;
  const fields = [...around.querySelectorAll<HTMLElement>("input, select, textarea, button")];
  fields
    .slice(fields.indexOf(here) + 1)
    .find((field) => !field.hasAttribute("disabled"))
    ?.focus();
}

type Choice = { readonly value: string; readonly text: string; readonly group?: string };
type ChoiceProps = {
  readonly label: string;
  readonly hint?: string;
  readonly fault?: string | undefined;
  readonly value: string;
  readonly empty: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
  readonly describe?: string | undefined;
};

/** The browser's own list: it knows keyboard, screen readers and contrast themes best. */
export function Choices(props: ChoiceProps) {
  const id = useId();
  const told = [props.hint && `${id}-hint`, props.fault && `${id}-fault`].filter(Boolean).join(" ");
  const groups = Map.groupBy(props.choices, (choice) => choice.group ?? "");
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-bold">
        {props.label}
      </label>
      {props.hint !== undefined && (
        <p id={`${id}-hint`} className="text-sm text-neutral-800">
          {props.hint}
        </p>
      )}
      <select
        id={id}
        className={`${BOX} min-h-11`}
        value={props.value}
        aria-invalid={props.fault !== undefined}
        aria-describedby={told || undefined}
        onChange={(event) => props.onChange(event.target.value)}
      >
        <option value="">{props.empty}</option>
        {[...groups].map(([group, choices]) => {
          const options = choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.text}
            </option>
          ));
          return group === "" ? (
            options
          ) : (
            <optgroup key={group} label={group}>
              {options}
            </optgroup>
          );
        })}
      </select>
      {props.fault !== undefined && (
        <p id={`${id}-fault`} className="text-sm font-bold text-red-900">
          {props.fault}
        </p>
      )}
    </div>
  );
}
