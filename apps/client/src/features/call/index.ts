export * from "./CallContext";
export * from "./services";
