import { Problem, SiteHeader } from "~/features/auth";
import { Page } from "~/ui/Page";

export function NotFoundPage() {
  return (
    <Page header={<SiteHeader />}>
      <Problem title="This page does not exist">Check the address, or start over.</Problem>
    </Page>
  );
}
