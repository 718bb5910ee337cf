import { queryOptions } from "@tanstack/react-query";

import { api, told } from "./client";

// A call that an agent began: no citizen's, so it has no card, no outcome, and is not held.
const OWN = "own-";
const AGAIN = 2; // times
const SOON = 150; // milliseconds, then twice that: on a busy machine the record is a moment behind

export function isCitizens(call: string | null | undefined): call is string {
  return call != null && !call.startsWith(OWN);
}

/** A call's card. It is forgotten as soon as nobody shows it. */
export function cardOf(call: string | null) {
  return queryOptions({
    queryKey: ["card", call],
    queryFn: () =>
      told(api.GET("/api/calls/{call}/card", { params: { path: { call: call ?? "" } } })),
    enabled: call !== null,
    gcTime: 0,
    retry: AGAIN,
    retryDelay: (failed) => SOON * 2 ** failed,
  });
}
