import { describe, expect, test } from "vitest";
import { room } from "~tests/fakes/session";
import { createApi, type Fetch } from "./client";
import { ApiError, describeApiError } from "./errors";

const user = { id: "u1", email: "a@b.c", username: "ada" };

type Answer = { status: number; body?: unknown; headers?: Record<string, string> };

/** Answers by path, in order; remembers what was asked. */
function fakeFetch(answers: Record<string, Answer[]>) {
  const asked: string[] = [];
  const fetch = async (url: string, init: RequestInit) => {
    asked.push(`${init.method} ${url}`);
    const answer = answers[url]?.shift();
    if (answer === undefined) throw new TypeError("Failed to fetch");
    const body = answer.body === undefined ? null : JSON.stringify(answer.body);
    const noBody = answer.status === 204;
    return new Response(noBody ? null : body, {
      status: answer.status,
      headers: answer.headers ?? {},
    });
  };
  return { fetch, asked };
}

const unauthorized: Answer = { status: 401, body: { code: "UNAUTHORIZED", message: "" } };

function apiOf(fetch: Fetch, before = true) {
  let signedIn = before;
  return createApi(fetch, {
    signedIn: () => signedIn,
    remember: (now) => {
      signedIn = now;
    },
  });
}

describe("the REST client", () => {
  test("who never signed in here is asked for no renewal", async () => {
    const { fetch, asked } = fakeFetch({ "/api/users/me": [unauthorized] });
    expect(await apiOf(fetch, false).me()).toBeNull();
    expect(asked).toEqual(["GET /api/users/me"]);
  });

  test("refreshes once after a 401 and asks again", async () => {
    const { fetch, asked } = fakeFetch({
      "/api/users/me": [unauthorized, { status: 200, body: user }],
      "/api/auth/refresh": [{ status: 200, body: { user } }],
    });
    expect(await apiOf(fetch).me()).toEqual(user);
    expect(asked).toEqual(["GET /api/users/me", "POST /api/auth/refresh", "GET /api/users/me"]);
  });

  test("two calls at the same moment share one refresh", async () => {
    const { fetch, asked } = fakeFetch({
      "/api/users/me": [unauthorized, { status: 200, body: user }],
      "/api/rooms": [unauthorized, { status: 200, body: { rooms: [room], nextCursor: null } }],
      "/api/auth/refresh": [{ status: 200, body: { user } }],
    });
    const api = apiOf(fetch);
    const [me, rooms] = await Promise.all([api.me(), api.rooms()]);
    expect([me?.username, rooms.length]).toEqual(["ada", 1]);
    expect(asked.filter((line) => line.includes("refresh"))).toHaveLength(1);
  });

  test("whoever cannot refresh is a guest", async () => {
    const { fetch } = fakeFetch({
      "/api/users/me": [unauthorized],
      "/api/auth/refresh": [unauthorized],
    });
    expect(await apiOf(fetch).me()).toBeNull();
  });

  test("a wrong password is no reason to refresh", async () => {
    const { fetch, asked } = fakeFetch({ "/api/auth/login": [unauthorized] });
    await expect(apiOf(fetch).login({ email: "a", password: "b" })).rejects.toMatchObject({
      code: "UNAUTHORIZED",
    });
    expect(asked).toEqual(["POST /api/auth/login"]);
  });

  test.each<[string, Answer[], string]>([
    [
      "a known code",
      [{ status: 404, body: { code: "ROOM_NOT_FOUND", message: "" } }],
      "ROOM_NOT_FOUND",
    ],
    ["an unknown code", [{ status: 418, body: { code: "TEAPOT", message: "" } }], "BAD_ANSWER"],
    ["a proxy's page", [{ status: 502 }], "UNAVAILABLE"],
    ["a wrong shape", [{ status: 200, body: { id: 7 } }], "BAD_ANSWER"],
    ["no network", [], "NETWORK"],
  ])("turns %s into a code of the closed list", async (_name, answers, code) => {
    const { fetch } = fakeFetch({ "/api/rooms/abc-defg-hij": answers });
    await expect(apiOf(fetch).room("abc-defg-hij")).rejects.toMatchObject({ code });
  });

  test("keeps what the server says of fields, and when to try again", async () => {
    const details = [{ field: "password", message: "too common" }];
    const { fetch } = fakeFetch({
      "/api/auth/register": [
        { status: 400, body: { code: "VALIDATION_ERROR", message: "", details } },
      ],
      "/api/auth/login": [
        {
          status: 423,
          body: { code: "ACCOUNT_LOCKED", message: "" },
          headers: { "Retry-After": "840" },
        },
      ],
    });
    const api = apiOf(fetch);
    const form = { email: "a@b.c", username: "ada", password: "password" };
    await expect(api.register(form)).rejects.toMatchObject({ details });
    const locked = await api.login(form).catch((error: unknown) => error);
    expect(locked).toBeInstanceOf(ApiError);
    expect(describeApiError(locked)).toContain("14 minutes");
  });
});
