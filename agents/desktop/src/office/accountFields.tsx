import { LONGEST_NAME } from "../guard/length";
import { beginOf, dayOf, endOf, lastDayOf } from "../own/times";
import { Choices, Field } from "../parts/field";
import { Guarded } from "../parts/guarded";
import { useSay, useWords } from "../words/language";
import { EVERY_ROLE, type Role, ROLES } from "../words/roles";
import type { User } from "./users";

/** What an account says of a person, as it is typed. */
export type AccountForm = {
  readonly announced: string;
  readonly role: Role | "";
  readonly from: string; // days
  readonly until: string;
  readonly designation: string;
};

/** As the server has it. */
export function formOf(user: User): AccountForm {
  return {
    announced: user.announced_name,
    role: user.role,
    from: dayOf(user.valid_from),
    until: lastDayOf(user.valid_until),
    designation: user.designation ?? "",
  };
}

/** What differs from this. */
export function without(form: Partial<AccountForm>, same: Partial<AccountForm>): Partial<AccountForm> {
  const differs = Object.entries(form).filter(
    ([field, value]) => same[field as keyof AccountForm] !== value,
  );
  return Object.fromEntries(differs);
}

export const NOTHING_TYPED: AccountForm = {
  announced: "",
  role: "",
  from: "",
  until: "",
  designation: "",
};

/** As the server takes it; the role is the page's business, for nobody changes their own. */
export function sentOf(form: AccountForm) {
  const designation = form.designation.trim();
  return {
    announced_name: form.announced.trim(),
    valid_from: beginOf(form.from),
    valid_until: endOf(form.until),
    designation: designation === "" ? null : designation,
  };
}

export function isComplete(form: AccountForm): form is AccountForm & { readonly role: Role } {
  return form.announced.trim() !== "" && form.role !== "";
}

/** The fields of an account, new or not. */
export function AccountFields(props: {
  readonly form: AccountForm;
  readonly faults: Readonly<Record<string, string>>;
  readonly hasRole: boolean;
  readonly onChange: (form: AccountForm) => void;
}) {
  const { form, faults, onChange } = props;
  const words = useWords();
  const say = useSay();
  const change = (part: Partial<AccountForm>) => onChange({ ...form, ...part });
  return (
    <>
      <Guarded
        label={words.announcedName}
        hint={words.announcedHint}
        fault={faults["announced_name"]}
        value={form.announced}
        longest={LONGEST_NAME}
        onChange={(announced) => change({ announced })}
      />
      {props.hasRole && (
        <Choices
          label={words.role}
          fault={faults["role"]}
          value={form.role}
          empty={words.choose}
          choices={EVERY_ROLE.map((role) => ({ value: role, text: say(ROLES[role]) }))}
          onChange={(role) => change({ role: role as Role | "" })}
        />
      )}
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        <Field
          label={words.from}
          fault={faults["valid_from"]}
          type="date"
          value={form.from}
          onChange={(from) => change({ from })}
        />
        <Field
          label={words.until}
          hint={words.untilHint}
          fault={faults["valid_until"]}
          type="date"
          value={form.until}
          onChange={(until) => change({ until })}
        />
      </div>
      <Guarded
        label={words.designation}
        fault={faults["designation"]}
        value={form.designation}
        longest={LONGEST_NAME}
        onChange={(designation) => change({ designation })}
      />
    </>
  );
}
