import { type ReactNode, useId } from "react";

/** A named part of the page, which screen readers find by its name. */
export function Panel(props: {
  readonly title: string;
  readonly children: ReactNode;
  readonly beside?: ReactNode;
}) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className="rounded-lg border border-neutral-500 bg-white p-3 forced-colors:border-[CanvasText]"
    >
      <div className="mb-2 flex items-center justify-between gap-2">
        <h2 id={id} className="text-lg font-bold">
          {props.title}
        </h2>
        {props.beside}
      </div>
      {props.children}
    </section>
  );
}

export function Sheet(props: { readonly title: string; readonly children: ReactNode }) {
  const id = useId();
  return (
    <main className="grid min-h-screen place-items-center bg-neutral-50 p-4">
      <section
        aria-labelledby={id}
        className="flex w-full max-w-md flex-col gap-4 rounded-lg border border-neutral-500 bg-white p-6"
      >
        <h1 id={id} className="text-2xl font-bold">
          {props.title}
        </h1>
        {props.children}
      </section>
    </main>
  );
}
