import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { User } from "~/api/schemas";
import { useApi } from "~/features/call";

const key = ["me"] as const;

export type Auth = {
  /** Null for a guest. */
  readonly user: User | null;
  /** Until the server said who this is. */
  readonly loading: boolean;
};

/** Who is logged in. A server that does not answer makes a guest; each page tells of it itself. */
export function useAuth(): Auth {
  const api = useApi();
  const { data, isPending } = useQuery({ queryKey: key, queryFn: () => api.me() });
  return { user: data ?? null, loading: isPending };
}

export function useLogin() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (form: { email: string; password: string }) => api.login(form),
    onSuccess: (user) => queries.setQueryData(key, user),
  });
}

export function useRegister() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (form: { email: string; username: string; password: string }) => api.register(form),
    onSuccess: (user) => queries.setQueryData(key, user),
  });
}

export function useLogout() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => api.logout(),
    onSuccess: () => {
      queries.setQueryData(key, null);
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== key[0] });
    },
  });
}
