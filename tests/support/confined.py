#!/usr/bin/env python3
"""Runs a command as far in the confinement of a systemd unit as can be had without systemd.

    confined.py UNIT COMMAND …

The unit's SystemCallFilter= as seccomp, its MemoryDenyWriteExecute= and LimitCORE= for the kernel to keep. A call that
the filter refuses fails with EPERM, as under systemd.
"""

import ctypes
import os
import re
import resource
import struct
import subprocess
import sys

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 22, 38, 65
SECCOMP_MODE_FILTER = 2
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # SECCOMP_RET_ERRNO with EPERM
LOAD_NUMBER = struct.pack("HBBI", 0x20, 0, 0, 0)  # A = seccomp_data.nr


def members(group: str) -> set[str]:
    """The system calls of a group of systemd's, or the one that is named."""
    if not group.startswith("@"):
        return {group}
    text = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", group], capture_output=True, text=True,
                          check=True).stdout
    names = [line.strip() for line in text.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return set().union(*(members(name) for name in names)) if names else set()


def allowed(unit: str) -> set[str]:
    calls = members("@default")
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        found = set().union(*(members(name) for name in line.lstrip("~").split()))
        calls = calls - found if line.startswith("~") else calls | found
    return calls


def numbers() -> dict[str, int]:
    text = subprocess.run(["clang-19", "-E", "-dM", "-include", "sys/syscall.h", "-x", "c", "/dev/null"],
                          capture_output=True, text=True, check=True).stdout
    return {name: int(number) for name, number in re.findall(r"^#define __NR_(\w+) (\d+)$", text, re.M)}


def confine(unit: str) -> None:
    known = numbers()
    wanted = sorted({known[name] for name in allowed(unit) if name in known})
    program = LOAD_NUMBER
    for number in wanted:
        program += struct.pack("HBBI", 0x15, 0, 1, number)  # is it that one? else pass over the next
        program += struct.pack("HBBI", 0x06, 0, 0, ALLOW)
    program += struct.pack("HBBI", 0x06, 0, 0, REFUSE)
    octets = ctypes.create_string_buffer(program, len(program))
    filter_of = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(octets))
    libc = ctypes.CDLL(None, use_errno=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc.prctl(PR_SET_MDWE, 1, 0, 0, 0)  # kernels from 6.3 on; others keep what they have
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        sys.exit("no_new_privs cannot be set")
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_char_p(filter_of), 0, 0) != 0:
        sys.exit(f"the filter is refused: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        confine(file.read())
    os.execvp(sys.argv[2], sys.argv[2:])
