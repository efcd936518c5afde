import { NotFoundPage } from "~/features/lobby";

export const meta = () => [{ title: "Not found · WebRTC Chat" }];

export default function NotFoundRoute() {
  return <NotFoundPage />;
}
