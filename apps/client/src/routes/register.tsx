import { RegisterPage } from "~/features/auth";

export const meta = () => [{ title: "Create an account · WebRTC Chat" }];

export default function RegisterRoute() {
  return <RegisterPage />;
}
