import { Lobby } from "~/features/lobby";

export default function IndexRoute() {
  return <Lobby />;
}
