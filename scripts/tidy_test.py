#!/usr/bin/env python3
"""Each rule of tidy.py finds what it is for, and lets the right way pass."""

import pathlib
import unittest

import tidy


def found(path: str, *lines: str) -> list[str]:
    return [text.split(":")[0] for _, text in tidy.problems(pathlib.PurePath(path), list(lines))]


class Tidy(unittest.TestCase):
    def test_layers(self):
        src = "apps/server/src"
        for path, include, verdict in [
            ("libs/rtc/ice/ice_lite.cpp", "sio/packet.hpp", ["layer"]),
            ("libs/rtc/ice/ice_lite.cpp", "base/time.hpp", []),
            (f"{src}/http/router.cpp", "user/user_service.hpp", ["layer"]),
            (f"{src}/user/user_service.cpp", "http/json.hpp", ["layer"]),
            (f"{src}/user/user_service.cpp", "http/api_error.hpp", []),
            (f"{src}/user/user_service.cpp", "auth/auth_service.hpp", []),
            (f"{src}/user/user_service.cpp", "auth/auth_routes.hpp", ["layer"]),
            (f"{src}/user/user_routes.cpp", "http/message.hpp", []),
            (f"{src}/user/user_routes.cpp", "auth/auth_routes.hpp", []),
            (f"{src}/user/user_routes.cpp", "db/pool.hpp", ["layer"]),
            (f"{src}/call/decode.cpp", "http/json.hpp", []),
            (f"{src}/user/user_service.cpp", "db/ids.hpp", []),
            (f"{src}/user/user_store.cpp", "db/pool.hpp", []),
            (f"{src}/call/call_events.cpp", "gateway/gateway.hpp", []),
            (f"{src}/call/call_service.cpp", "sfu/media_worker.hpp", ["layer"]),
            (f"{src}/app/server.cpp", "user/user_routes.hpp", []),
        ]:
            with self.subTest(path=path, include=include):
                self.assertEqual(found(path, f'#include "{include}"'), verdict)

    def test_sans_io(self):
        for line, verdict in [
            ("auto now = std::chrono::steady_clock::now();", ["clock"]),
            ("#include <thread>", ["thread"]),
            ("#include <boost/asio/post.hpp>", ["socket"]),
            ("#include <boost/json.hpp>", []),
            ("auto p = reinterpret_cast<char*>(q);", ["reinterpret_cast"]),
            ("auto p = reinterpret_cast<char*>(q);  // tidy: OpenSSL wants char*", []),
        ]:
            with self.subTest(line=line):
                self.assertEqual(found("libs/rtc/rtp/view.cpp", line), verdict)

    def test_tests(self):
        self.assertEqual(found("libs/rtc/tests/a_test.cpp", "std::this_thread::sleep_for(1s);"), ["sleep"])
        self.assertEqual(found("tests/e2e/a.test.ts", "test.skip('x', () => {});"), ["focus"])

    def test_issue_numbers(self):
        self.assertEqual(found("libs/base/a.hpp", "// TODO later"), ["todo"])
        self.assertEqual(found("libs/base/a.hpp", "// TODO(#12) later"), [])

    def test_unbuilt_sources(self):
        sources = [pathlib.PurePath(f"libs/a/{name}") for name in ("built.cpp", "lost.cpp", "a.hpp", "fed_fuzz.cpp")]
        build = "add_room_test(a_test SOURCES built.cpp)\nadd_fuzz(fed_fuzz LINKS a)\n"
        self.assertEqual([p.name for p in tidy.unbuilt(sources, build)], ["lost.cpp"])

    def test_sizes(self):
        body = ["  call();"] * 71
        self.assertEqual(len(found("libs/base/a.cpp", "void f() {", *body, "}")), 1)
        self.assertEqual(found("libs/base/a.cpp", "void f() {", *body[1:], "}"), [])
        self.assertEqual(found("libs/base/a.cpp", "namespace a {", *body, "}"), [])
        self.assertEqual(len(found("libs/base/a.cpp", "void f(int a,", "       int b) {", *body, "}")), 1)
        self.assertEqual(found("libs/base/a.cpp", "A::A(int b)", "    : b_(b) {", "}", "void f() {", *body[1:], "}"), [])
        self.assertEqual(len(found("libs/base/a.ts", *["x"] * 501)), 1)


if __name__ == "__main__":
    unittest.main()
