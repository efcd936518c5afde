// What the server will accept, checked before asking it: the same rules, with texts for people.
import { z } from "zod";

const bytes = (text: string) => new TextEncoder().encode(text).length;

export const loginSchema = z.object({
  email: z.string().trim().min(1, "Enter your e-mail."),
  password: z.string().min(1, "Enter your password."),
});

export const registerSchema = z
  .object({
    email: z
      .string()
      .trim()
      .max(254, "An e-mail has 254 characters at most.")
      .regex(/^[^\s@]+@[^\s@]+$/, "Enter an e-mail such as name@example.com."),
    username: z
      .string()
      .trim()
      .min(3, "At least 3 characters.")
      .max(32, "At most 32 characters.")
      .regex(/^[A-Za-z0-9_-]*$/, "Letters, digits, - and _ only."),
    password: z
      .string()
      .refine((text) => bytes(text) >= 8, "At least 8 characters.")
      .refine((text) => bytes(text) <= 72, "At most 72 bytes."),
    confirm: z.string(),
  })
  .refine((form) => form.password === form.confirm, {
    path: ["confirm"],
    message: "The passwords differ.",
  })
  .refine(
    (form) => !sameWord(form.password, form.email) && !sameWord(form.password, form.username),
    {
      path: ["password"],
      message: "Choose something else than your e-mail or username.",
    },
  );

function sameWord(a: string, b: string): boolean {
  return b !== "" && a.toLowerCase() === b.toLowerCase();
}

/** Where to go after signing in: a path of this site, never an address of another. */
export function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : "/";
}
