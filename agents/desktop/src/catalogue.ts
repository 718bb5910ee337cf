import { useQuery } from "@tanstack/react-query";

import { api, type Schemas, told } from "./api/client";

export type Catalogue = Schemas["Choices"];

/** Everything there is to choose from; the same for the whole day. */
export function useCatalogue(): Catalogue | undefined {
  return useQuery({ queryKey: ["catalogue"], queryFn: () => told(api.GET("/api/catalogue")) }).data;
}
