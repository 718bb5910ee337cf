import "./page.css";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app";
import { InLanguage } from "./words/language";

const queries = new QueryClient({
  defaultOptions: { queries: { retry: 1, staleTime: Infinity, gcTime: 60_000 } },
});

createRoot(document.getElementById("page") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <InLanguage>
        <App />
      </InLanguage>
    </QueryClientProvider>
  </StrictMode>,
);
