import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { Link, useSearchParams } from "react-router";
import type { z } from "zod";
import { ApiError, describeApiError } from "~/api/errors";
import { Button } from "~/ui/Button";
import { ErrorNotice } from "~/ui/Notice";
import { TextField } from "~/ui/TextField";
import { AuthCard } from "./AuthCard";
import { registerSchema } from "./rules";
import { useRegister } from "./useAuth";

type Form = z.infer<typeof registerSchema>;

export function RegisterPage() {
  const [params] = useSearchParams();
  const signUp = useRegister();
  const { register, handleSubmit, formState } = useForm<Form>({
    resolver: zodResolver(registerSchema),
    defaultValues: { email: "", username: "", password: "", confirm: "" },
  });
  const { errors } = formState;
  /** Our own rule's text, or what the server said of this field. */
  const errorOf = (field: keyof Form) => errors[field]?.message ?? serverError(signUp.error, field);
  return (
    <AuthCard title="Create an account" lead="Start meetings of your own and keep their history.">
      <form
        noValidate
        className="flex flex-col gap-5"
        onSubmit={handleSubmit(({ confirm: _, ...form }) => signUp.mutate(form))}
      >
        {signUp.isError && (
          <ErrorNotice data-testid="form-error">{describeApiError(signUp.error)}</ErrorNotice>
        )}
        <TextField
          label="E-mail"
          type="email"
          autoComplete="email"
          data-testid="email"
          error={errorOf("email")}
          {...register("email")}
        />
        <TextField
          label="Username"
          autoComplete="username"
          data-testid="username"
          hint="Others see this name in a meeting."
          error={errorOf("username")}
          {...register("username")}
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          data-testid="password"
          hint="At least 8 characters."
          error={errorOf("password")}
          {...register("password")}
        />
        <TextField
          label="Password again"
          type="password"
          autoComplete="new-password"
          data-testid="confirm-password"
          error={errorOf("confirm")}
          {...register("confirm")}
        />
        <Button type="submit" data-testid="submit" className="h-12" busy={signUp.isPending}>
          Create account
        </Button>
        <p className="text-center text-sm text-ink-soft">
          You have one?{" "}
          <Link className="font-medium text-link underline" to={`/login?${params}`}>
            Sign in
          </Link>
        </p>
      </form>
    </AuthCard>
  );
}

function serverError(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.details.find((detail) => detail.field === field)?.message;
}
