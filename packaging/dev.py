"""Set seglabel up and run it, on any platform, with nothing but Python.

    python3 packaging/dev.py demo            make a sample folder, pre-annotate it, open or export
    python3 packaging/dev.py test [ARGS]     check style, types and structure, run the tests
    python3 packaging/dev.py run [ARGS]      seglabel itself
    python3 packaging/dev.py parity [CASE]   prove that foreign checkpoints are read exactly
    python3 packaging/dev.py faults [ARGS]   hit whole runs by kills and power loss at every moment
    python3 packaging/dev.py fuzz [ARGS]     read damaged files of every kind, guided by coverage
    python3 packaging/dev.py setup           only install

The first call makes a virtual environment in ``.venv`` and installs seglabel into it; later calls
see that nothing changed and start at once. ``--cpu`` (before the command) installs PyTorch without
CUDA, a download ten times smaller.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "installed.txt"
MINIMUM = (3, 11)
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
SCREEN_PACKAGES = {"Xvfb": "xvfb", "xdotool": "xdotool"}  # for the test that drives a real window

sys.path.insert(0, str(ROOT))
from seglabel.system_libraries import (  # noqa: E402 - found only now; it needs nothing installed
    advice,
    install_command,
    is_root,
    missing_libraries,
    package_manager,
    packages_for,
)


def main() -> int:
    arguments = sys.argv[1:]
    cpu_only = "--cpu" in arguments[:1]
    arguments = arguments[1:] if cpu_only else arguments
    if not arguments or arguments[0] not in (
        "demo",
        "test",
        "run",
        "parity",
        "faults",
        "fuzz",
        "setup",
    ):
        print(__doc__)
        return 0 if arguments[:1] in ([], ["--help"], ["-h"]) else 2
    command, rest = arguments[0], arguments[1:]
    _use_new_enough_python()
    _ensure_system_libraries()
    if command == "test":
        _ensure_screen_programs()
    _ensure_environment(cpu_only=cpu_only)
    if command == "setup":
        return 0
    if command == "test":
        return _test(rest)
    if command == "parity":
        return _run([str(_python()), str(ROOT / "packaging" / "parity.py"), *rest])
    if command == "faults":
        return _faults(rest)
    if command == "fuzz":
        return _fuzz(rest)
    prefix = ["demo"] if command == "demo" else []
    return _run([str(_python()), "-m", "seglabel", *prefix, *rest])


def _use_new_enough_python() -> None:
    """Go on under a newer Python if this one is too old and there is one."""
    if sys.version_info >= MINIMUM:
        return
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found and "SEGLABEL_DEV_PYTHON" not in os.environ:
            os.environ["SEGLABEL_DEV_PYTHON"] = found
            raise SystemExit(_run([found, *sys.argv]))
    wanted = ".".join(map(str, MINIMUM))
    found_version = ".".join(map(str, sys.version_info[:3]))
    raise SystemExit(f"seglabel needs Python {wanted} or newer, this is {found_version}")


def _ensure_system_libraries() -> None:
    """Install what Qt needs when allowed to; otherwise say the one line that does, and stop."""
    missing = missing_libraries()
    if not missing:
        return
    manager = package_manager()
    if not is_root() or manager is None:
        raise SystemExit(advice(missing))
    print(f"installing system libraries: {', '.join(missing)}", flush=True)
    _install_packages(packages_for(missing, manager), manager)
    still_missing = missing_libraries()
    if still_missing:
        raise SystemExit(advice(still_missing))


def _ensure_screen_programs() -> None:
    """A virtual screen for the test of the real window; without one that test is skipped."""
    missing = [name for name in SCREEN_PACKAGES if not shutil.which(name)]
    if not missing or not sys.platform.startswith("linux"):
        return
    manager = package_manager()
    packages = [SCREEN_PACKAGES[name] for name in missing]
    if is_root() and manager == "apt-get":
        _install_packages(packages, manager)
    elif manager == "apt-get":
        line = install_command(packages, manager)
        print(f"to include the test of the real window, install its tools:\n  {line}")


def _install_packages(packages: list[str], manager: str) -> None:
    if manager == "apt-get":
        _run(["apt-get", "update", "-q"], quiet=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = install_command(packages, manager).split()
    if _run(command, quiet=True, env=environment) != 0:
        _run(command, env=environment)  # again, so that its own words are seen


def _ensure_environment(*, cpu_only: bool) -> None:
    """A virtual environment with seglabel installed from this folder."""
    fingerprint = _fingerprint()
    if STAMP.is_file() and STAMP.read_text() == fingerprint and _python().exists():
        return
    if not _has_pip():
        print(f"making a virtual environment in {ENVIRONMENT}", flush=True)
        _make_environment()
    print("installing seglabel and what it needs (once; PyTorch is large)", flush=True)
    index = ["--extra-index-url", CPU_INDEX] if cpu_only else []
    install = [str(_python()), "-m", "pip", "install", "--disable-pip-version-check", "-q", *index]
    if cpu_only:
        _must([*install, "torch", "torchvision", "--index-url", CPU_INDEX])
    _must([*install, "-e", f"{ROOT}[test]"])
    STAMP.write_text(fingerprint)


def _has_pip() -> bool:
    """Whether there is an environment that works: its Python may have moved or gone since."""
    return _python().exists() and _run([str(_python()), "-m", "pip", "--version"], quiet=True) == 0


def _make_environment() -> None:
    make = [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)]
    if _run(make) == 0:
        return
    # Debian keeps venv in a package of its own.
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if is_root() and package_manager() == "apt-get":
        _install_packages([package], "apt-get")
        _must(make)
        return
    line = install_command([package], "apt-get")
    raise SystemExit(
        f"Python cannot make virtual environments here. On Debian or Ubuntu:\n  {line}"
    )


def _fingerprint() -> str:
    project = (ROOT / "pyproject.toml").read_bytes()
    return f"{hashlib.sha256(project).hexdigest()} {sys.version}\n"


def _python() -> Path:
    if sys.platform == "win32":
        return ENVIRONMENT / "Scripts" / "python.exe"
    return ENVIRONMENT / "bin" / "python"


def _test(arguments: list[str]) -> int:
    """Style, types and structure first: they are quick. Then the tests on all cores."""
    python = str(_python())
    workers = [] if any(a.startswith("-n") for a in arguments) else ["-n", "auto"]
    checks = (
        [python, "-m", "ruff", "check", "."],
        [python, "-m", "ruff", "format", "--check", "."],
        [python, "-m", "mypy"],
        [str(_python().with_name("lint-imports"))],
        [python, "-m", "pytest", *workers, *arguments],
    )
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONDONTWRITEBYTECODE": "1",
        # Tests share the cores already; threads that spin for each other cost ten times more.
        "OMP_NUM_THREADS": "1",
    }
    codes = [_run(check, env=environment, cwd=ROOT) for check in checks]
    return max(abs(code) for code in codes)


def _faults(arguments: list[str]) -> int:
    """The tests of ``tests/faults`` at every moment; the usual run tries a few."""
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "OMP_NUM_THREADS": "1",
        "SEGLABEL_FAULTS": "all",
    }
    command = [str(_python()), "-m", "pytest", str(ROOT / "tests" / "faults"), *arguments]
    return _run(command, env=environment, cwd=ROOT)


def _fuzz(arguments: list[str]) -> int:
    """Everything that seglabel reads; with names of targets (``--list`` shows them) those alone.

    ``--runs N`` inputs are tried on each, of chance ``--seed N``; findings are kept in
    ``.findings``.
    """
    if _run([str(_python()), "-c", "import atheris"], quiet=True) != 0:
        _run([str(_python()), "-m", "pip", "install", "-q", "-e", f"{ROOT}[fuzz]"])
    fuzz = ROOT / "tests" / "fuzz"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(fuzz)]),
        "OMP_NUM_THREADS": "1",
    }
    findings = ROOT / ".findings"
    findings.mkdir(exist_ok=True)
    command = [str(_python()), str(fuzz / "fuzz_run.py"), "--findings", str(findings), *arguments]
    return _run(command, env=environment, cwd=ROOT)


def _must(command: list[str]) -> None:
    code = _run(command)
    if code != 0:
        raise SystemExit(f"failed ({code}): {' '.join(command)}")


def _run(
    command: list[str],
    *,
    quiet: bool = False,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> int:
    output = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(command, stdout=output, env=env, cwd=cwd, check=False).returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
