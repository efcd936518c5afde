import { LoginPage } from "~/features/auth";

export const meta = () => [{ title: "Sign in · WebRTC Chat" }];

export default function LoginRoute() {
  return <LoginPage />;
}
