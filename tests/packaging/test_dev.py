from __future__ import annotations

import sys

import pytest

from seglabel import system_libraries

MANAGERS = ("apt-get", "dnf", "pacman", "zypper")
LIBRARIES = sorted(system_libraries._LIBRARIES)


@pytest.fixture
def machine(monkeypatch, dev):
    """Pretends to be on a machine with a package manager, as root or not."""

    def be(manager: str | None, *, root: bool, missing: tuple[list[str], ...] = ([],)) -> None:
        answers = list(missing)

        def look() -> list[str]:
            return answers.pop(0) if len(answers) > 1 else answers[0]

        for module in (dev, system_libraries):
            monkeypatch.setattr(module, "package_manager", lambda: manager)
            monkeypatch.setattr(module, "is_root", lambda: root)
        monkeypatch.setattr(dev, "missing_libraries", look)

    return be


# when something is installed


def test_nothing_is_installed_twice(environment, commands) -> None:
    environment._ensure_environment(cpu_only=False)
    assert any("install" in command for command in commands)
    commands.clear()
    environment._ensure_environment(cpu_only=False)
    assert commands == []


def test_another_list_of_dependencies_is_installed_anew(environment, commands) -> None:
    environment._ensure_environment(cpu_only=False)
    before = environment._fingerprint()
    (environment.ROOT / "pyproject.toml").write_text('[project]\ndependencies = ["more"]\n')
    assert environment._fingerprint() != before
    commands.clear()
    environment._ensure_environment(cpu_only=False)
    assert any("install" in command for command in commands)


def test_another_python_is_set_up_anew(dev, monkeypatch) -> None:
    before = dev._fingerprint()
    monkeypatch.setattr(sys, "version", "3.99")
    assert dev._fingerprint() != before


def test_an_installation_that_failed_is_tried_again(environment, commands, monkeypatch) -> None:
    monkeypatch.setattr(environment, "_run", lambda command, **choices: int("install" in command))
    with pytest.raises(SystemExit, match="pip install"):
        environment._ensure_environment(cpu_only=False)
    assert not environment.STAMP.exists()


def test_an_environment_whose_pip_is_broken_is_made_anew(
    environment, commands, monkeypatch
) -> None:
    pip = [str(environment._python()), "-m", "pip"]

    def run(command: list[str], **choices: object) -> int:
        commands.append(command)
        return int(command == [*pip, "--version"])

    monkeypatch.setattr(environment, "_run", run)
    environment._ensure_environment(cpu_only=False)
    make, install = commands[-2:]
    assert make == [sys.executable, "-m", "venv", "--clear", str(environment.ENVIRONMENT)]
    assert install[:4] == [*pip, "install"]


def test_the_environment_is_made_where_there_is_none(dev, commands) -> None:
    dev.ENVIRONMENT.mkdir()  # venv itself is not run here
    dev._ensure_environment(cpu_only=False)
    assert commands[0] == [sys.executable, "-m", "venv", "--clear", str(dev.ENVIRONMENT)]


def test_torch_without_cuda_comes_first_and_from_its_own_index(environment, commands) -> None:
    environment._ensure_environment(cpu_only=True)
    torch, everything = (command for command in commands if "install" in command)
    assert torch[-2:] == ["--index-url", environment.CPU_INDEX]
    assert "torch" in torch
    assert everything[-1] == f"{environment.ROOT}[test]"


def test_without_venv_an_ordinary_person_is_told_the_line(dev, machine, monkeypatch) -> None:
    machine("apt-get", root=False)
    monkeypatch.setattr(dev, "_run", lambda command, **choices: 1)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    with pytest.raises(SystemExit, match=f"sudo apt-get install .*{version}"):
        dev._make_environment()


# system libraries


@pytest.mark.parametrize("manager", MANAGERS)
def test_every_library_has_a_package_under_every_manager(manager) -> None:
    packages = system_libraries.packages_for([*LIBRARIES, "a font"], manager)
    assert all(packages)
    assert len(packages) == len(set(packages))  # one package may bring several libraries


@pytest.mark.parametrize(
    ("manager", "packages"),
    [
        ("apt-get", ["libegl1", "libxcb-cursor0", "fonts-dejavu-core"]),
        ("dnf", ["libglvnd-egl", "xcb-util-cursor", "dejavu-sans-fonts"]),
        ("pacman", ["libglvnd", "xcb-util-cursor", "ttf-dejavu"]),
        ("zypper", ["libEGL1", "libxcb-cursor0", "dejavu-fonts"]),
    ],
)
def test_packages_have_the_names_of_their_distribution(manager, packages) -> None:
    missing = ["libEGL.so.1", "libxcb-cursor.so.0", "a font"]
    assert system_libraries.packages_for(missing, manager) == packages


@pytest.mark.parametrize("manager", MANAGERS)
def test_the_line_that_installs_has_sudo_unless_one_is_root(machine, manager) -> None:
    machine(manager, root=False)
    line = system_libraries.install_command(["one", "two"], manager)
    machine(manager, root=True)
    assert line == f"sudo {system_libraries.install_command(['one', 'two'], manager)}"
    assert line.startswith(f"sudo {manager} ")
    assert line.endswith(" one two")


def test_advice_names_what_is_missing_and_the_line(machine) -> None:
    machine("apt-get", root=False)
    text = system_libraries.advice(["libEGL.so.1", "a font"])
    assert "libEGL.so.1, a font" in text
    line = "sudo apt-get install -y --no-install-recommends libegl1 fonts-dejavu-core"
    assert text.splitlines()[-1].strip() == line


def test_advice_without_a_known_manager_still_names_what_is_missing(machine) -> None:
    machine(None, root=False)
    assert system_libraries.advice(["libEGL.so.1"]).endswith("missing: libEGL.so.1")


def test_an_ordinary_person_is_told_the_line_and_nothing_is_installed(
    dev, machine, commands
) -> None:
    machine("dnf", root=False, missing=(["libEGL.so.1"],))
    with pytest.raises(SystemExit, match="sudo dnf install -y libglvnd-egl"):
        dev._ensure_system_libraries()
    assert commands == []


def test_root_gets_what_is_missing_installed(dev, machine, commands) -> None:
    machine("apt-get", root=True, missing=(["libEGL.so.1"], []))
    dev._ensure_system_libraries()
    assert commands[0][:2] == ["apt-get", "update"]
    assert commands[1][-1] == "libegl1"


def test_a_library_that_stays_missing_is_said_again(dev, machine, commands) -> None:
    machine("apt-get", root=True, missing=(["libEGL.so.1"],))
    with pytest.raises(SystemExit, match="libegl1"):
        dev._ensure_system_libraries()


def test_what_qt_needs_is_looked_for_on_linux_alone(monkeypatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert system_libraries.missing_libraries() == []


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, (False, False)),
        ({"DISPLAY": ":0"}, (True, True)),
        ({"WAYLAND_DISPLAY": "wayland-0"}, (True, True)),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "xcb"}, (True, True)),
        ({"QT_QPA_PLATFORM": "offscreen"}, (True, False)),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, (True, False)),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "minimal"}, (True, False)),
    ],
)
def test_a_screen_is_one_that_qt_finds_and_a_visible_one_is_not_drawn_in_memory(
    monkeypatch, variables, expected
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = system_libraries.has_screen(), system_libraries.has_visible_screen()
    assert found == expected


# the commands


@pytest.fixture
def start(environment, commands, machine, monkeypatch):
    """Runs the script with arguments; gives its exit code."""
    machine("apt-get", root=False)
    environment.STAMP.write_text(environment._fingerprint())
    monkeypatch.setattr(environment.shutil, "which", lambda name: f"/usr/bin/{name}")

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["dev.py", *arguments])
        return environment.main()

    return run


def test_run_and_demo_start_the_program_with_all_arguments(start, environment, commands) -> None:
    python = str(environment._python())
    assert start("run", "predict", "x", "--flip") == 0
    assert start("demo", "--headless") == 0
    assert start("--cpu", "setup") == 0
    assert commands == [
        [python, "-m", "seglabel", "predict", "x", "--flip"],
        [python, "-m", "seglabel", "demo", "--headless"],
    ]


def test_test_makes_every_check_even_after_one_failed(start, environment, monkeypatch) -> None:
    ran: list[str] = []

    def run(command: list[str], **choices: object) -> int:
        ran.append(" ".join(command))
        return 3 if "mypy" in command else 0

    monkeypatch.setattr(environment, "_run", run)
    assert start("test", "tests/core") == 3
    for number, name in enumerate(("ruff check", "ruff format", "mypy", "lint-imports", "pytest")):
        assert name in ran[number]
    assert "pytest -n auto tests/core" in ran[-1]


def test_test_leaves_the_number_of_workers_to_who_gives_one(start, commands) -> None:
    start("test", "-n2")
    assert "auto" not in commands[-1]


@pytest.mark.parametrize("has_atheris", [False, True])
def test_fuzz_installs_what_guides_it_once_and_goes_on_without(
    start, environment, monkeypatch, tmp_path, has_atheris
) -> None:
    (tmp_path / "pyproject.toml").touch()
    ran: list[str] = []

    def run(command: list[str], **choices: object) -> int:
        ran.append(" ".join(command))
        return 0 if "fuzz_run.py" in ran[-1] or has_atheris else 1

    monkeypatch.setattr(environment, "_run", run)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "_ensure_environment", lambda **_: None)
    assert start("fuzz", "coco", "--runs", "9") == 0
    assert any("pip install" in command for command in ran) is not has_atheris
    assert ran[-1].endswith(f"--findings {tmp_path / '.findings'} coco --runs 9")


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--help",), 0), (("tset",), 2)])
def test_without_a_known_command_the_usage_is_shown(start, capsys, arguments, code) -> None:
    assert start(*arguments) == code
    assert "packaging/dev.py demo" in capsys.readouterr().out


# an old Python


def test_an_old_python_hands_over_to_a_newer_one(dev, commands, monkeypatch) -> None:
    monkeypatch.setattr(dev, "MINIMUM", (99, 0))
    monkeypatch.setattr(dev.os, "environ", {})
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/opt/python" if "3.12" in name else None)
    with pytest.raises(SystemExit, match="0"):
        dev._use_new_enough_python()
    assert commands == [["/opt/python", *sys.argv]]
    # A second time it would go round in circles.
    with pytest.raises(SystemExit, match=r"needs Python 99\.0"):
        dev._use_new_enough_python()


def test_an_old_python_alone_says_what_is_needed(dev, commands, monkeypatch) -> None:
    monkeypatch.setattr(dev, "MINIMUM", (99, 0))
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"seglabel needs Python 99\.0 or newer, this is 3\."):
        dev._use_new_enough_python()
    assert commands == []
