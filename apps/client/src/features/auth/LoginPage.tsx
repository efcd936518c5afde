import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { Link, useSearchParams } from "react-router";
import type { z } from "zod";
import { describeApiError } from "~/api/errors";
import { Button } from "~/ui/Button";
import { ErrorNotice } from "~/ui/Notice";
import { TextField } from "~/ui/TextField";
import { AuthCard } from "./AuthCard";
import { loginSchema } from "./rules";
import { useLogin } from "./useAuth";

export function LoginPage() {
  const [params] = useSearchParams();
  const login = useLogin();
  const { register, handleSubmit, formState } = useForm<z.infer<typeof loginSchema>>({
    resolver: zodResolver(loginSchema),
    defaultValues: { email: "", password: "" },
  });
  const { errors } = formState;
  return (
    <AuthCard title="Sign in" lead="Welcome back. Your meetings are waiting.">
      <form
        noValidate
        className="flex flex-col gap-5"
        onSubmit={handleSubmit((form) => login.mutate(form))}
      >
        {login.isError && (
          <ErrorNotice data-testid="form-error">{describeApiError(login.error)}</ErrorNotice>
        )}
        <TextField
          label="E-mail"
          type="email"
          autoComplete="email"
          data-testid="email"
          error={errors.email?.message}
          {...register("email")}
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          data-testid="password"
          error={errors.password?.message}
          {...register("password")}
        />
        <Button type="submit" data-testid="submit" className="h-12" busy={login.isPending}>
          Sign in
        </Button>
        <p className="text-center text-sm text-ink-soft">
          New here?{" "}
          <Link className="font-medium text-link underline" to={`/register?${params}`}>
            Create an account
          </Link>
        </p>
      </form>
    </AuthCard>
  );
}
