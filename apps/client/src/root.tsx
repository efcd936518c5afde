import "./app.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import {
  isRouteErrorResponse,
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
} from "react-router";
import { installProbe } from "~/call/probe";
import { Problem, SiteHeader } from "~/features/auth";
import { ApiContext, createBrowserApi } from "~/features/call";
import { followSystem, themeScript } from "~/features/settings";
import { Page } from "~/ui/Page";
import { Spinner } from "~/ui/Spinner";
import { TooltipProvider } from "~/ui/Tooltip";
import type { Route } from "./+types/root";

// The services of the page, made once.
const api = createBrowserApi();
const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, staleTime: 30_000 } },
});
if (typeof window !== "undefined") installProbe(window);

export const meta: Route.MetaFunction = () => [
  { title: "WebRTC Chat" },
  { name: "description", content: "Video meetings in the browser." },
];

export const links: Route.LinksFunction = () => [
  { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
];

export function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <Meta />
        <Links />
        <script dangerouslySetInnerHTML={{ __html: themeScript }} />
      </head>
      <body>
        {children}
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  );
}

export function HydrateFallback() {
  return (
    <div className="flex min-h-dvh items-center justify-center">
      <Spinner className="size-8" />
      <span className="sr-only">Loading</span>
    </div>
  );
}

function Providers({ children }: { readonly children: ReactNode }) {
  return (
    <ApiContext value={api}>
      <QueryClientProvider client={queries}>
        <TooltipProvider>{children}</TooltipProvider>
      </QueryClientProvider>
    </ApiContext>
  );
}

export default function Root() {
  useEffect(followSystem, []);
  return (
    <Providers>
      <Outlet />
    </Providers>
  );
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  const missing = isRouteErrorResponse(error) && error.status === 404;
  return (
    <Providers>
      <Page header={<SiteHeader />}>
        {missing ? (
          <Problem title="This page does not exist">Check the address, or start over.</Problem>
        ) : (
          <Problem title="Something broke on this page">
            It is not your fault. Reload the page; a meeting can be entered again.
          </Problem>
        )}
      </Page>
    </Providers>
  );
}
