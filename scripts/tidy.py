#!/usr/bin/env python3
"""House rules that no compiler checks (docs/style.md, docs/architecture.md).

    scripts/tidy.py [file …]     without files: everything that git knows

A line that must break a rule says why: `// tidy: <reason>` on it or on the line above.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODE = {".cpp", ".hpp", ".ts", ".tsx", ".py", ".mjs"}
CPP = {".cpp", ".hpp"}
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70

# Whom the files of a library or of a server folder may include, by the first part of the path.
LIBS = {
    "base": {"base"},
    "netsim": {"base", "netsim"},
    "sio": {"base", "sio"},
    "rtc": {"base", "rtc"},
}
SERVER = {
    "telemetry": {"base", "telemetry"},
    "db": {"base", "telemetry", "db", "http/api_error.hpp"},
    "cluster": {"base", "telemetry", "db", "cluster"},
    "http": {"base", "telemetry", "http", "sio"},
    "gateway": {"base", "telemetry", "http", "gateway", "cluster", "sio"},
    "sfu": {"base", "telemetry", "rtc", "sfu", "http/api_error.hpp"},
}
SLICES = {"auth", "user", "room", "chat", "call"}
OURS = set(LIBS) | set(SERVER) | SLICES | {"app"}
# What every file of a slice may see besides its own folder: a request and a failure as plain values, ids and
# times, the commands of the media workers, the bus, and the other slices' services and types.
SLICE_COMMON = {"http/api_error.hpp", "http/message.hpp", "db/ids.hpp", "db/timestamp.hpp",
                "sfu/commands.hpp", "sfu/sfu_service.hpp", "cluster/bus.hpp"}
# The end of a file's name gives its layer.
SLICE_DOORS = {"_routes": {"http"}, "_json": {"http"}, "_events": {"gateway", "http"},
               "decode": {"http"}, "encode": {"http"}, "_store": {"db"}, "_sql": {"db"},
               "_admin": {"db"}}  # the operator's commands work straight on the database

# (name, pattern, applies to the path, what to do instead)
LINE_RULES = [
    ("clock", re.compile(r"(steady|system|high_resolution)_clock|\bgettimeofday\b|\bclock_gettime\b"),
     lambda p: in_lib(p), "libs/ take `now` as a parameter"),
    ("thread", re.compile(r"#include <(thread|mutex|shared_mutex|atomic|condition_variable|future)>"),
     lambda p: in_lib(p), "libs/ know no threads"),
    ("socket", re.compile(r"boost/(?!json)|\basio\b|#include <(sys/socket|netinet/.*|unistd|poll)\.?h?>"),
     lambda p: in_lib(p), "libs/ do no I/O; of Boost only Boost.JSON"),
    ("reinterpret_cast", re.compile(r"\breinterpret_cast\b"),
     lambda p: in_lib(p) and p.parts[1] != "base", "use ByteReader, ByteWriter or as_bytes() of base/"),
    ("sleep", re.compile(r"\bsleep_for\b|\bsleep_until\b|\busleep\s*\(|\bsleep\s*\(|waitForTimeout|time\.sleep"),
     lambda p: is_test(p), "poll with a deadline"),
    ("focus", re.compile(r"\b(it|test|describe)\.(only|skip|todo)\b|GTEST_SKIP|\bDISABLED_"),
     lambda p: is_test(p), "every test runs"),
    ("todo", re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!.*#\d)"),
     lambda p: not p.name.startswith("tidy"), "name the issue: TODO(#12)"),
]


def in_lib(path: pathlib.PurePath) -> bool:
    return path.parts[0] == "libs" and not is_test(path) and path.suffix in CPP


def is_test(path: pathlib.PurePath) -> bool:
    return "tests" in path.parts or "testing" in path.parts or ".test." in path.name


def allowed_includes(path: pathlib.PurePath) -> set[str] | None:
    """First parts (or whole paths) that `path` may include of ours; None: whatever it likes."""
    if is_test(path) or path.suffix not in CPP:
        return None
    if path.parts[0] == "libs" and path.parts[1] in LIBS:
        return LIBS[path.parts[1]]
    if path.parts[:3] != ("apps", "server", "src") or len(path.parts) < 5:
        return None
    folder = path.parts[3]
    if folder in SERVER:
        return SERVER[folder]
    if folder in SLICES:
        doors = next((d for end, d in SLICE_DOORS.items() if path.stem.endswith(end)), set())
        return {"base", "telemetry", folder} | SLICE_COMMON | doors
    return None  # app


def include_problem(path: pathlib.PurePath, target: str, allowed: set[str]) -> bool:
    first = target.split("/")[0]
    if "/" not in target or first not in OURS:
        return False
    if first in allowed or target in allowed:
        return False
    # A slice sees another slice through its services and plain types, never its store, and its doors
    # from the same kind of door alone.
    in_slice = path.parts[0] == "apps" and path.parts[3] in SLICES
    layer = re.search(r"_(routes|events|store)\.hpp$", target)
    is_open = layer is None or (layer.group(1) == "routes" and path.stem.endswith("_routes"))
    return not (in_slice and first in SLICES and is_open)


def long_functions(lines: list[str]):
    """(line, length) of each function over the limit; relies on clang-format's indentation."""
    signature = re.compile(r"^( {0,2})[A-Za-z_~\[].*\(")
    container = re.compile(r"^\s*(namespace|class|struct|enum|union|extern|public|private|using)\b")
    number = 0
    while number < len(lines):
        found = signature.match(lines[number])
        opening = None
        if found and not container.match(lines[number]):
            opening = next((i for i in range(number, min(number + 15, len(lines)))
                            if re.search(r"[{;}]$", lines[i].rstrip())), None)
        if opening is None or not lines[opening].rstrip().endswith("{"):
            number += 1
            continue
        close = f"{found.group(1)}}}"
        end = next((i for i in range(opening + 1, len(lines)) if lines[i].startswith(close)), None)
        if end is None:
            number += 1
            continue
        if end - opening - 1 > FUNCTION_LINES_MAX:
            yield number + 1, end - opening - 1
        number = end + 1


def problems(path: pathlib.PurePath, lines: list[str]):
    """(line, what is wrong) for one file."""
    if len(lines) > FILE_LINES_MAX:
        yield 1, f"{len(lines)} lines, at most {FILE_LINES_MAX}: split by idea"
    excused = {i + k for i, line in enumerate(lines, 1) if re.search(r"(//|#) tidy: \S", line) for k in (0, 1)}
    if path.suffix in CPP:
        for number, length in long_functions(lines):
            if number not in excused:
                yield number, f"function of {length} lines, at most {FUNCTION_LINES_MAX}"
    allowed = allowed_includes(path)
    for number, line in enumerate(lines, 1):
        if number in excused:
            continue
        for name, pattern, applies, advice in LINE_RULES:
            if applies(path) and pattern.search(line):
                yield number, f"{name}: {advice}"
        include = re.match(r'#include "([^"]+)"', line)
        if include and allowed is not None and include_problem(path, include.group(1), allowed):
            yield number, f"layer: {path.parent} may not include {include.group(1)} (docs/architecture.md)"


def unbuilt(sources: list[pathlib.PurePath], build_files: str) -> list[pathlib.PurePath]:
    """C++ sources that no build file names: their tests never run, and nobody sees that."""
    named = set(re.findall(r"[\w-]+\.cpp", build_files))
    targets = set(re.findall(r"[\w-]+", build_files))  # a fuzz target is named without its ending
    return [p for p in sources if p.suffix == ".cpp" and p.name not in named and p.stem not in targets]


def main() -> int:
    known = sys.argv[1:] or subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
        capture_output=True, text=True, check=True).stdout.splitlines()
    paths = [pathlib.PurePath(name) for name in known]
    checked = [p for p in paths if p.suffix in CODE and (ROOT / p).is_file()]
    found = [(p, number, text) for p in checked
             for number, text in problems(p, (ROOT / p).read_text(encoding="utf-8").splitlines())]
    if not sys.argv[1:]:
        build_files = "".join((ROOT / p).read_text(encoding="utf-8") for p in paths
                              if p.name == "CMakeLists.txt" or p.suffix == ".cmake")
        found += [(p, 1, "unbuilt: no CMakeLists.txt names it") for p in unbuilt(checked, build_files)]
    for path, number, text in found:
        print(f"{path}:{number}: {text}")
    if not checked and not sys.argv[1:]:
        print("no source file found")
        return 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
