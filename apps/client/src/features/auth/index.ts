export { LoginPage } from "./LoginPage";
export { Problem } from "./Problem";
export { RegisterPage } from "./RegisterPage";
export { SiteHeader } from "./SiteHeader";
export { type Auth, useAuth } from "./useAuth";
