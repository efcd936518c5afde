import { screen, waitFor } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { ApiError } from "~/api/errors";
import { ada, fakeApi, renderPage } from "~tests/fakes/callScreen";
import { LoginPage } from "./LoginPage";
import { RegisterPage } from "./RegisterPage";
import { registerSchema, safeNext } from "./rules";

const field = (testId: string) => screen.getByTestId<HTMLInputElement>(testId);
const where = () => screen.getByTestId("where").textContent;

describe("sign in", () => {
  test("by keyboard alone, then on to where one came from", async () => {
    const login = async () => ada;
    const { person } = renderPage(<LoginPage />, fakeApi({ login }), "/login?next=/room/x-y");
    field("email").focus();
    await person.keyboard("ada@example.com{Tab}secret{Enter}");
    await waitFor(() => expect(where()).toBe("/room/x-y"));
  });

  test("a wrong password says neither what was wrong nor whether the account exists", async () => {
    const login = () => Promise.reject(new ApiError("UNAUTHORIZED"));
    const { person } = renderPage(<LoginPage />, fakeApi({ login }));
    await person.type(field("email"), "ada@example.com");
    await person.type(field("password"), "nope{Enter}");
    const text = (await screen.findByTestId("form-error")).textContent;
    expect(text).toBe("The e-mail or the password is wrong.");
  });

  test("empty fields are named before anything is sent", async () => {
    const { person } = renderPage(<LoginPage />);
    await person.click(screen.getByTestId("submit"));
    expect(await screen.findByText("Enter your e-mail.")).toBeDefined();
    expect(field("password").getAttribute("aria-invalid")).toBe("true");
    expect(screen.queryByTestId("form-error")).toBeNull();
  });

  test("who is signed in already goes home", async () => {
    renderPage(<LoginPage />, fakeApi({ me: async () => ada }), "/login");
    await waitFor(() => expect(where()).toBe("/"));
  });
});

describe("register", () => {
  async function fill(register: () => Promise<never>) {
    const { person } = renderPage(<RegisterPage />, fakeApi({ register }));
    await person.type(field("email"), "ada@example.com");
    await person.type(field("username"), "ada");
    await person.type(field("password"), "long enough");
    await person.type(field("confirm-password"), "long enough{Enter}");
  }

  test("what the server says of a field stands at the field", async () => {
    const details = [{ field: "password", message: "is too common" }];
    await fill(() => Promise.reject(new ApiError("VALIDATION_ERROR", details)));
    expect(await screen.findByText("is too common")).toBeDefined();
    expect(field("password").getAttribute("aria-invalid")).toBe("true");
  });

  test("a taken e-mail is said", async () => {
    await fill(() => Promise.reject(new ApiError("EMAIL_TAKEN")));
    expect((await screen.findByTestId("form-error")).textContent).toMatch(/already an account/);
  });
});

const good = {
  email: "ada@example.com",
  username: "ada_1",
  password: "SecurePass123",
  confirm: "SecurePass123",
};

test.each<[string, Partial<typeof good>, string | null]>([
  ["all good", {}, null],
  ["no e-mail", { email: "ada" }, "email"],
  ["a short name", { username: "ab" }, "username"],
  ["a strange name", { username: "a b c" }, "username"],
  ["a long name", { username: "a".repeat(33) }, "username"],
  ["a short password", { password: "short12", confirm: "short12" }, "password"],
  ["73 bytes", { password: `${"é".repeat(36)}x`, confirm: `${"é".repeat(36)}x` }, "password"],
  ["72 bytes", { password: "é".repeat(36), confirm: "é".repeat(36) }, null],
  ["two passwords", { confirm: "SecurePass124" }, "confirm"],
  ["the e-mail again", { password: "ADA@example.com", confirm: "ADA@example.com" }, "password"],
])("%s", (_name, change, path) => {
  const result = registerSchema.safeParse({ ...good, ...change });
  expect(result.success ? null : result.error.issues[0]?.path[0]).toBe(path);
});

test.each([
  [null, "/"],
  ["/room/x", "/room/x"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
])("after signing in %s leads to %s", (next, path) => {
  expect(safeNext(next)).toBe(path);
});
