import type { ReactNode } from "react";
import { Navigate, useSearchParams } from "react-router";
import { Page } from "~/ui/Page";
import { safeNext } from "./rules";
import { SiteHeader } from "./SiteHeader";
import { useAuth } from "./useAuth";

type Props = { readonly title: string; readonly lead: string; readonly children: ReactNode };

/** The frame of sign-in and register; whoever is signed in already goes on. */
export function AuthCard({ title, lead, children }: Props) {
  const { user } = useAuth();
  const [params] = useSearchParams();
  if (user !== null) return <Navigate to={safeNext(params.get("next"))} replace />;
  return (
    <Page header={<SiteHeader bare />}>
      <div className="w-full max-w-md rounded-2xl border border-line/60 bg-surface p-6 shadow-sm md:p-10">
        <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
        <p className="mt-2 mb-8 text-sm text-ink-soft">{lead}</p>
        {children}
      </div>
    </Page>
  );
}
