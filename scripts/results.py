#!/usr/bin/env python3
"""Adds up what the runners of scripts/test reported and prints `N passed, N failed` last.

Nothing passes by absence: a runner that crashed, wrote no report or ran no test counts as one
failure, and so does every skipped test.
"""

import pathlib
import sys
import xml.etree.ElementTree as xml


def count(report: pathlib.Path) -> tuple[int, list[str]]:
    """Passed tests and the names of the others, from a JUnit file."""
    passed, failed = 0, []
    for case in xml.parse(report).getroot().iter("testcase"):
        bad = case.get("status") in ("fail", "disabled", "notrun") or any(
            case.find(tag) is not None for tag in ("failure", "error", "skipped"))
        if bad:
            failed.append(f"{report.stem}: {case.get('name')}")
        else:
            passed += 1
    return passed, failed


def outcome(folder: pathlib.Path, kind: str, name: str, status: int) -> tuple[int, list[str]]:
    if kind == "check":
        return (1, []) if status == 0 else (0, [f"{name} (exit code {status})"])
    try:
        passed, failed = count(folder / f"{name}.xml")
    except (OSError, xml.ParseError) as error:
        return 0, [f"{name}: no report ({error}), exit code {status}"]
    if status != 0 and not failed:
        failed.append(f"{name}: the runner ended with exit code {status}")
    if passed + len(failed) == 0:
        failed.append(f"{name}: ran no test")
    return passed, failed


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    passed_all, failed_all = 0, []
    print()
    for line in (folder / "runs.txt").read_text().splitlines():
        kind, name, status, seconds = line.split()
        passed, failed = outcome(folder, kind, name, int(status))
        print(f"{name:14} {passed:5} passed {len(failed):4} failed {seconds:>5} s")
        passed_all += passed
        failed_all += failed
    for name in failed_all:
        print(f"failed: {name}")
    print(f"{passed_all} passed, {len(failed_all)} failed")
    return 1 if failed_all or passed_all == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
