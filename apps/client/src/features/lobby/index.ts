export { Lobby } from "./Lobby";
export { NotFoundPage } from "./NotFoundPage";
export { roomLink } from "./roomCode";
