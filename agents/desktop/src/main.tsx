import "./page.css";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app";
import { InLanguage } from "./words/language";

// The demo's citizen calls from an address of their own; elsewhere nothing answers it.
const Citizen = lazy(async () => ({ default: (await import("./citizen/citizen")).Citizen }));
const isCitizens = window.location.hostname.startsWith("citizen.");

const queries = new QueryClient({
  defaultOptions: { queries: { retry: 1, staleTime: Infinity, gcTime: 60_000 } },
});

createRoot(document.getElementById("page") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <InLanguage>
        {isCitizens ? (
          <Suspense fallback={null}>
            <Citizen />
          </Suspense>
        ) : (
          <App />
        )}
      </InLanguage>
    </QueryClientProvider>
  </StrictMode>,
);
