"""What a line-up's architecture name means for an ELF file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Architecture:
    """ELF class, byte order and machine (e_machine), and the path of glibc's loader."""

    bits: int
    big_endian: bool
    machine: int
    loader: str


ARCHITECTURES = {
    "amd64": Architecture(64, big_endian=False, machine=62, loader="/lib64/ld-linux-x86-64.so.2"),
    "arm64": Architecture(64, big_endian=False, machine=183, loader="/lib/ld-linux-aarch64.so.1"),
    "ppc64el": Architecture(64, big_endian=False, machine=21, loader="/lib64/ld64.so.2"),
    "s390x": Architecture(64, big_endian=True, machine=22, loader="/lib/ld64.so.1"),
}

MACHINES = {
    2: "SPARC",
    3: "i386",
    8: "MIPS",
    20: "PowerPC",
    21: "PowerPC64",
    22: "s390x",
    40: "ARM",
    62: "x86-64",
    183: "AArch64",
    243: "RISC-V",
    247: "BPF",
}
