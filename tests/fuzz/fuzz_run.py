"""Tries damaged files on everything that seglabel reads; ``packaging/dev.py fuzz`` starts it.

With atheris, what the readers do with an input decides which inputs come next. Where that cannot be
installed, the same damage is done by chance alone, and it says so. Each kind of file has a process
of its own, with bounds of memory and of time for one input. A finding is an error that is not
declared, a crash, a hang or too much memory; the input is kept and the next kind goes on.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib.util
import re
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzz_targets import Target

MEMORY = 6 << 30  # bytes of address space
SECONDS = 20  # for one input
_LONGEST = 1 << 14  # bytes of an input
_DONE = re.compile(r"Done (\d+) (?:runs|inputs by chance) in (\d+) second")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("targets", nargs="*", help="kinds of files, all by default")
    parser.add_argument("--list", action="store_true", help="name all kinds of files")
    parser.add_argument("--runs", type=int, default=5000, help="inputs for each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--by-chance", action="store_true", help="not guided by coverage")
    parser.add_argument("--findings", type=Path, default=Path.cwd(), help="where inputs are kept")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # in this process
    chosen = parser.parse_args()
    if not chosen.by_chance and importlib.util.find_spec("atheris") is None:
        print(
            "atheris cannot be imported here: NOT guided by coverage. Samples are damaged by "
            "chance alone, which finds less.",
            flush=True,
        )
        chosen.by_chance = True
    if chosen.here:
        _limit_memory()
        with tempfile.TemporaryDirectory(prefix="seglabel-fuzz-") as folder:
            return (_by_chance if chosen.by_chance else _guided)(chosen, Path(folder))
    from fuzz_targets import TARGETS

    unknown = sorted(set(chosen.targets) - set(TARGETS))
    if chosen.list or unknown:
        print(*TARGETS, sep="\n")
        return 2 if unknown else 0
    return _all(chosen, chosen.targets or list(TARGETS))


def _all(chosen: argparse.Namespace, targets: list[str]) -> int:
    """One process after the other, and a table in the end."""
    rows, failed = [], False
    for target in targets:
        command = [sys.executable, __file__, target, "--here", f"--runs={chosen.runs}"]
        command += [f"--seed={chosen.seed}", f"--findings={chosen.findings}"]
        command += ["--by-chance"] if chosen.by_chance else []
        began = time.monotonic()
        with tempfile.TemporaryFile("w+") as output:
            code = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT).returncode
            output.seek(0)
            said = output.read()
        done = _DONE.search(said)
        tried = int(done[1]) if done else 0
        if code or not done:
            failed = True
            print(said[-6000:], flush=True)
        verdict = "nothing found" if done and not code else f"FINDING (exit code {code})"
        rows.append(f"{target:12}{tried:>10,} inputs{time.monotonic() - began:8.0f} s   {verdict}")
        print(rows[-1], flush=True)
    return 1 if failed else 0


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _by_chance(chosen: argparse.Namespace, folder: Path) -> int:
    from fuzz_targets import TARGETS, small_limits

    warnings.simplefilter("ignore")  # of decoders, about what is refused right after
    [name] = chosen.targets
    TARGETS[name].read(TARGETS[name].seeds()[0], folder)  # imports what is imported late
    small_limits()
    began = time.monotonic()
    found = try_damage(TARGETS[name], chosen.runs, chosen.seed, folder, chosen.findings)
    seconds = time.monotonic() - began
    print(f"Done {chosen.runs} inputs by chance in {seconds:.0f} second(s)", flush=True)
    return 1 if found else 0


def try_damage(target: Target, runs: int, seed: int, folder: Path, findings: Path) -> list[Path]:
    """The inputs that led to anything undeclared, one for each place in the code.

    Ends the process if one takes longer than SECONDS.
    """
    random = Random(seed)
    found: dict[str, Path] = {}
    for number in range(runs):
        data = target.damaged(random)
        faulthandler.dump_traceback_later(SECONDS, exit=True, file=sys.__stderr__)
        try:
            target.read(data, folder)
        except Exception as error:  # noqa: BLE001 - whatever comes out is a finding
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{type(error).__name__} {place.filename}:{place.lineno}"
            if kind not in found:
                found[kind] = findings / f"{target.name}-{seed}-{number}.bin"
                found[kind].write_bytes(data)
                print(f"finding: {found[kind]}", flush=True)
                traceback.print_exc()
        finally:
            faulthandler.cancel_dump_traceback_later()
    return list(found.values())


def _guided(chosen: argparse.Namespace, folder: Path) -> int:
    """Hand over to libFuzzer, which ends the process."""
    import atheris

    with atheris.instrument_imports(include=["seglabel", "PIL", "tifffile"]):
        from fuzz_targets import TARGETS, small_limits

        [name] = chosen.targets
        target = TARGETS[name]
        target.read(target.seeds()[0], folder)  # imports what is imported late
    warnings.simplefilter("ignore")
    small_limits()
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(target.seeds()):
        (corpus / str(number)).write_bytes(seed)

    def worse(data: bytes, longest: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < 0.3:
            return bytes(atheris.Mutate(data, longest))
        return target.mutate(bytes(data), random)[:longest]

    options = [
        f"-runs={chosen.runs}",
        f"-seed={chosen.seed}",
        f"-timeout={SECONDS}",
        f"-max_len={_LONGEST}",
        "-rss_limit_mb=4096",
        f"-artifact_prefix={chosen.findings}/{name}-",
        "-print_final_stats=1",
    ]
    atheris.Setup(
        [sys.argv[0], *options, str(corpus)],
        lambda data: target.read(data, folder),
        custom_mutator=worse,
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
