export { KnockButtons } from "./KnockButtons";
export { PeoplePanel } from "./PeoplePanel";
