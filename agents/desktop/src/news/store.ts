import { type FloorSeen, NOTHING } from "./floor";

export type Feed = { readonly floor: FloorSeen; readonly connected: boolean };

/** What is known of the room; whoever shows a part of it is told when that part has changed. */
export type Store = {
  readonly now: () => Feed;
  readonly change: (changed: (before: Feed) => Feed) => void;
  readonly subscribe: (told: () => void) => () => void;
};

export function storeOf(begin: Feed = { floor: NOTHING, connected: false }): Store {
  let present = begin;
  const all = new Set<() => void>();
  return {
    now: () => present,
    change: (changed) => {
      const next = changed(present);
      if (next === present) return;
      present = next;
      for (const told of all) told();
    },
    subscribe: (told) => {
      all.add(told);
      return () => all.delete(told);
    },
  };
}
