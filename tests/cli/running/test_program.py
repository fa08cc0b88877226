"""A program under `packviz run` is that under python: the same output, errors, exit code, and the same to be seen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from packviz.cli.running.program import Program, _flags, _make_way

ROOT = Path(__file__).parents[3]
ENV = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
PACKVIZ_RUN = ("-m", "packviz", "run")


def both(words: Sequence[str], folder: Path, stdin: str = "", flags: Sequence[str] = ()) -> tuple[int, str, str]:
    """The exit code, the output and the errors of `python WORDS`, which must be those of `packviz run WORDS`."""
    ends = []
    for before in ((), PACKVIZ_RUN):
        line = [sys.executable, *flags, *before, *words]
        told = subprocess.run(line, cwd=folder, env=ENV, input=stdin, capture_output=True, text=True)
        ends.append((told.returncode, told.stdout, told.stderr))
    assert ends[1] == ends[0]
    return ends[0]


@pytest.fixture
def write(tmp_path: Path):
    def written(text: str, name: str = "prog.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    return written


SEEN = """
    "what it is"
    import sys, os, __main__
    print(sys.argv, sys.orig_argv, sys.path[0], os.getcwd(), __name__, __doc__)
    print([(name, type(value).__name__) for name, value in globals().items()])
    print(__file__, __cached__, __package__, __loader__.__class__, __spec__ and __spec__.name)
    print(__main__.__dict__ is globals(), sys.modules["__main__"] is __main__, __builtins__)
    print(sys.flags, sys.stdin.isatty(), sys.stdout.errors, sys.stdout.encoding, sys.stderr.errors)
    print(sys.excepthook is sys.__excepthook__, sys.gettrace(), sys.getrecursionlimit())
    import signal
    print([signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)], signal.set_wakeup_fd(-1))
    import threading
    print([thread.name for thread in threading.enumerate()])
    print("numpy" in sys.modules, "torch" in sys.modules)
    if __name__ == "__main__":
        print("begun")
"""


def test_it_sees_what_it_sees_under_python(write, tmp_path: Path) -> None:
    write(SEEN)
    (tmp_path / "inner").mkdir()
    for words in (["prog.py"], ["./prog.py", "--save", "-m", "x", ""], [str(tmp_path / "inner/.././prog.py")]):
        code, out, told = both(words, tmp_path)
        assert (code, told) == (0, "")
        assert out.endswith("begun\n")


@pytest.mark.skipif(os.name == "nt", reason="no links without rights there")
def test_a_link_to_it_runs_it_in_its_own_folder(write, tmp_path: Path) -> None:
    write(SEEN, "inner/prog.py")
    (tmp_path / "link.py").symlink_to("inner/prog.py")
    _, out, _ = both(["link.py"], tmp_path)
    assert str(tmp_path / "inner") in out


def test_a_module_is_run_as_by_m(write, tmp_path: Path) -> None:
    write("print('first')\n", "pkg/__init__.py")
    write(SEEN, "pkg/__main__.py")
    write(SEEN, "pkg/other.py")
    for name in ("pkg", "pkg.other"):
        code, out, _ = both(["-m", name, "-m", "x"], tmp_path)
        assert code == 0
        assert out.startswith("first\n")
    write("1/0\n", "pkg/dies.py")
    code, _, told = both(["-m", "pkg.dies"], tmp_path)
    assert code == 1
    assert "ZeroDivisionError" in told
    code, _, told = both(["-m", "pkg.no"], tmp_path)
    assert code == 1
    assert "No module named pkg.no" in told


def test_a_folder_and_a_zip_are_run_by_their_main(write, tmp_path: Path) -> None:
    main = write(SEEN, "folder/__main__.py")
    with zipfile.ZipFile(tmp_path / "program.pyz", "w") as archive:
        archive.write(main, "__main__.py")
    for name in ("folder", "./folder/", "program.pyz"):
        assert both([name, "x"], tmp_path)[0] == 0
        assert both([name], tmp_path, flags=["-P"])[0] == 0
    (tmp_path / "empty").mkdir()
    code, _, told = both(["empty"], tmp_path)
    assert code == 1
    assert "__main__" in told


def test_modules_that_the_program_has_of_its_own_are_not_those_that_are_loaded(
    write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pv_own.py", "pv_other.py", "pv_pack/__init__.py"):
        write("x = 1", name)
    for name, file in (
        ("pv_own", tmp_path / "pv_own.py"),
        ("pv_other", "/elsewhere/pv_other.py"),
        ("pv_other.inner", "/elsewhere/pv_other.py"),
        ("pv_pack", tmp_path / "pv_pack" / "__init__.py"),
        ("pv_none", "/elsewhere/pv_none.py"),
    ):
        module = ModuleType(name)
        module.__file__ = str(file)
        monkeypatch.setitem(sys.modules, name, module)
    _make_way(str(tmp_path))
    assert {name for name in sys.modules if name.startswith("pv_")} == {"pv_own", "pv_pack", "pv_none"}


def test_standard_input_is_run_and_read(write, tmp_path: Path) -> None:
    code, out, _ = both(["-", "x"], tmp_path, textwrap.dedent(SEEN))
    assert code == 0
    assert "<stdin>" in out
    assert both(["-"], tmp_path, "x = = 1\n")[0] == 1
    assert both(["-"], tmp_path, "1/0\n")[0] == 1
    write("import sys\nprint(input(), sys.stdin.read())\n")
    assert both(["prog.py"], tmp_path, "one\ntwo\n")[1] == "one two\n\n"


def test_compiled_code_is_run(write, tmp_path: Path) -> None:
    import py_compile

    py_compile.compile(str(write("print(__file__, __loader__.__class__)\n")), str(tmp_path / "made.pyc"))
    assert both(["made.pyc"], tmp_path)[0] == 0


def test_flags_of_the_interpreter_hold(write, tmp_path: Path) -> None:
    write("import sys, json\nprint(sys.path[0], sys.flags, __debug__, sys.orig_argv)\nassert False\n")
    for flags in (["-P", "-O"], ["-PO"], ["-W", "error", "-O", "-X", "utf8"], ["-OWerror", "-Xutf8"]):
        assert both(["prog.py", "-W"], tmp_path, flags=flags)[0] == 0
    assert both(["none.py"], tmp_path, flags=["-X", "utf8"])[0] == 2
    write("import warnings\nwarnings.warn('careful')\n")
    assert "careful" in both(["prog.py"], tmp_path, flags=["-W", "error"])[2]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("import sys; sys.exit(3)", 3),
        ("import sys; sys.exit(-1)", 255),
        ("import sys; sys.exit()", 0),
        ("import sys; sys.exit('a text')", 1),
        ("raise SystemExit((1, 2))", 1),
        ("import os; print('x', flush=True); os._exit(7)", 7),
        ("import os; os.abort()", -signal.SIGABRT),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
        ("x = = 1", 1),
        ("print('é')\nif True:\nx = 1", 1),
        ("def f(): return 1/0\nf()", 1),
        ("class E(BaseException): pass\nraise E('x')", 1),
        ("import sys; sys.stdout.close()", 0),
    ],
)
def test_it_ends_as_under_python(text: str, code: int, write, tmp_path: Path) -> None:
    write(text + "\n")
    assert both(["prog.py"], tmp_path)[0] == code


def test_what_can_not_be_run_is_said_by_python_itself(write, tmp_path: Path) -> None:
    code, _, told = both(["missing.py", "x"], tmp_path)
    assert code == 2
    assert "No such file" in told
    (tmp_path / "latin.py").write_bytes("x = 'é'\n".encode("latin-1"))
    assert "SyntaxError" in both(["latin.py"], tmp_path)[2]
    (tmp_path / "null.py").write_bytes(b"x = 1\0\n")
    assert "null bytes" in both(["null.py"], tmp_path)[2]


CHAINED = """
    import sys, traceback

    class Odd(Exception):
        def __str__(self):
            return "two\\nlines"

    def inner():
        try:
            {}["key"]
        except KeyError:
            raise Odd from None

    try:
        inner()
    except Odd as first:
        try:
            raise ValueError("while") from first
        except ValueError as second:
            second.add_note("a note")
            raise ExceptionGroup("both", [second, TypeError("x")])
"""


def test_tracebacks_have_the_frames_of_the_program_alone(write, tmp_path: Path) -> None:
    write(CHAINED)
    code, _, told = both(["prog.py"], tmp_path)
    assert code == 1
    assert told.count("Traceback") == 4
    write("def f():\n    f()\ntry:\n    f()\nexcept RecursionError:\n    raise KeyError('deep') from None\n")
    both(["prog.py"], tmp_path)


def test_a_hook_of_the_programs_own_is_asked(write, tmp_path: Path) -> None:
    hook = "import sys\ndef hook(kind, value, trail):\n    print(kind, value, trail.tb_lineno, trail.tb_next, {})\n"
    write(hook.format("sys.last_value is value") + "sys.excepthook = hook\n1/0\n")
    assert "1/0" not in both(["prog.py"], tmp_path)[2]
    write(hook.format("1/0") + "sys.excepthook = hook\n{}['x']\n")
    assert "Error in sys.excepthook" in both(["prog.py"], tmp_path)[2]
    write(hook.format("sys.exit(9)") + "sys.excepthook = hook\n1/0\n")
    assert both(["prog.py"], tmp_path)[0] == 9


END = """
    import atexit, sys, threading, time

    class Last:
        def __del__(self):
            print("gone")

    last = Last()
    atexit.register(print, "second")
    atexit.register(print, "first")

    def late():
        time.sleep(0.05)
        print("late")
        sys.exit(5)

    threading.Thread(target=late).start()
    print("end of the file")
    if len(sys.argv) > 1:
        raise {"exit": SystemExit(4), "error": ValueError("x")}[sys.argv[1]]
"""


@pytest.mark.parametrize("words", [[], ["exit"], ["error"]])
def test_threads_handlers_and_destructors_come_in_their_order(words: list[str], write, tmp_path: Path) -> None:
    write(END)
    _, out, _ = both(["prog.py", *words], tmp_path)
    assert out == "end of the file\nlate\nfirst\nsecond\ngone\n"


POOL = """
    import multiprocessing, pickle, sys
    from concurrent.futures import ProcessPoolExecutor

    class Mine:
        def __init__(self, n):
            self.n = n

    def twice(mine):
        return Mine(2 * mine.n)

    if __name__ == "__main__":
        print(pickle.loads(pickle.dumps(Mine(3))).n, Mine.__module__, pickle.loads(pickle.dumps(twice)) is twice)
        for method in sys.argv[1:]:
            with multiprocessing.get_context(method).Pool(1) as pool:
                print(method, [mine.n for mine in pool.map(twice, [Mine(1), Mine(2)])])
            with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
                print(method, pool.submit(twice, Mine(4)).result().n)
"""


@pytest.mark.slow
def test_what_it_defines_can_be_pickled_and_reaches_other_processes(write, tmp_path: Path) -> None:
    write(POOL)
    write("", "pkg/__init__.py")
    write(POOL, "pkg/work.py")
    methods = ["spawn"] if os.name == "nt" else ["spawn", "fork", "forkserver"]
    code, out, told = both(["prog.py", *methods], tmp_path)
    assert (code, told) == (0, "")
    assert "spawn [2, 4]\nspawn 8\n" in out
    assert both(["-m", "pkg.work", "spawn"], tmp_path)[:2] == (0, "".join(out.partition("fork")[0]))


@pytest.mark.skipif(os.name == "nt", reason="no fork there")
def test_a_fork_of_it_goes_on(write, tmp_path: Path) -> None:
    write(
        """
        import os, sys
        if os.fork() == 0:
            print("child", flush=True)
            sys.exit(3)
        print("parent", os.waitstatus_to_exitcode(os.wait()[1]))
        """
    )
    assert both(["prog.py"], tmp_path)[1] == "child\nparent 3\n"


WAITS = """
    import atexit, sys, time
    atexit.register(print, "handler", flush=True)
    if sys.argv[1:] == ["catch"]:
        try:
            print("begun", flush=True); time.sleep(30)
        except KeyboardInterrupt:
            print("caught")
            sys.exit(5)
    print("begun", flush=True); time.sleep(30)
"""


@pytest.mark.skipif(os.name == "nt", reason="no signals there")
@pytest.mark.parametrize(("words", "code"), [([], -signal.SIGINT), (["catch"], 5)])
def test_ctrl_c_ends_it_as_under_python(words: list[str], code: int, write, tmp_path: Path) -> None:
    write(WAITS)
    ends = []
    for before in ((), PACKVIZ_RUN):
        line = [sys.executable, *before, "prog.py", *words]
        child = subprocess.Popen(line, cwd=tmp_path, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        child.send_signal(signal.SIGINT)
        out, told = child.communicate(timeout=60)
        where = [line for line in told.splitlines() if set(line) - set(" ^")]  # it may come between print and sleep
        ends.append((child.returncode, out, where))
    assert ends[1] == ends[0]
    assert ends[0][0] == code


def test_a_module_of_its_own_may_be_called_as_one_of_the_library(write, tmp_path: Path) -> None:
    write("WHO = 'mine'\n", "difflib.py")
    write("WHO = 'mine'\n", "os.py")
    write("import difflib, os, argparse\nprint(difflib.WHO, hasattr(os, 'WHO'), argparse.ArgumentParser().prog)\n")
    assert both(["prog.py"], tmp_path)[1] == "mine False prog.py\n"


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (Program("a/train.py"), "train"),
        (Program("train"), "train"),
        (Program("pkg.train", module=True), "train"),
        (Program("-"), "stdin"),
        (Program("folder/"), "folder"),
        (Program("/"), "program"),
    ],
)
def test_it_has_a_name(program: Program, name: str) -> None:
    assert program.name == name


@pytest.mark.skipif(os.name == "nt", reason="no such pipes there")
def test_a_script_that_comes_through_a_pipe_is_read_once(tmp_path: Path) -> None:
    code, out, told = both(["/dev/stdin", "x"], tmp_path, "import sys\nprint(sys.argv)\n1/0\n")
    assert (code, out) == (1, "['/dev/stdin', 'x']\n")
    assert "ZeroDivisionError" in told
    assert "SyntaxError" in both(["/dev/stdin"], tmp_path, "x = = 1\n")[2]


@pytest.mark.parametrize("words", [["prog.py"], ["-"]])
def test_what_the_compiler_warns_of_is_said_once(words: list[str], tmp_path: Path) -> None:
    for text in ("x = 1\nx is 1\nreturn 5\n", "'\\d'\nx = = 1\n", "x = 1\nprint(x is 1)\n"):
        (tmp_path / "prog.py").write_text(text)
        for flags in ([], ["-W", "always"], ["-W", "error"]):
            both(words, tmp_path, text, flags)


@pytest.mark.parametrize("cookie", ["", "# coding: utf8\n", "# coding: latin-1\n", "# coding: nope\n"])
def test_a_comment_that_can_not_be_decoded_is_an_error_where_python_says_so(cookie: str, tmp_path: Path) -> None:
    (tmp_path / "prog.py").write_bytes(cookie.encode() + b"print(1)\n# \xff\n")
    assert both(["prog.py"], tmp_path)[0] == (0 if "latin" in cookie else 1)


def test_the_working_directory_may_be_meant_or_gone(write, tmp_path: Path) -> None:
    write("import sys\nprint(sys.path[0], __file__, sys.argv)\n", "__main__.py")
    assert str(tmp_path / "__main__.py") in both(["."], tmp_path)[1]
    if os.name == "nt":
        return
    gone = 'cp __main__.py prog.py; P="$PWD"; mkdir gone; cd gone; rmdir ../gone; "$@" "$P/prog.py"'
    for name in ("$P/prog.py", "prog.py"):
        ends = []
        for before in ((), PACKVIZ_RUN):
            line = ["sh", "-c", gone.replace("$P/prog.py", name), "sh", sys.executable, *before]
            told = subprocess.run(line, cwd=tmp_path, env=ENV, capture_output=True, text=True, check=False)
            ends.append((told.returncode, told.stdout, told.stderr))
        assert ends[1] == ends[0]


def test_a_hook_that_the_program_takes_away_is_missing_as_under_python(write, tmp_path: Path) -> None:
    write("import sys\ndel sys.excepthook\n1/0\n")
    assert both(["prog.py"], tmp_path)[2].startswith("sys.excepthook is missing\n")


@pytest.mark.parametrize("keys", ["n\n" * 9, "n\nn\nn\np x\nn\nn\n", "n\nr\nc\n", "c\n", "s\n" * 9])
def test_a_debugger_that_is_stepped_to_the_end_ends_there(keys: str, write, tmp_path: Path) -> None:
    write("x = 1\nbreakpoint()\ny = 2\nprint(x + y)\n")
    write("x = 1\nbreakpoint()\ny = 2\nprint(x + y)\n", "pkg.py")
    for words in (["prog.py"], ["-m", "pkg"]):
        ends = []
        for before in ((), PACKVIZ_RUN):
            line = [sys.executable, *before, *words]
            told = subprocess.run(line, cwd=tmp_path, env=ENV, input=keys, capture_output=True, text=True, check=False)
            ends.append((told.returncode, told.stdout.partition("threading.py")[0], told.stderr))
        assert "3\n" in ends[0][1]
        assert "running" not in ends[1][1]
        assert (ends[1][0], ends[1][2]) == (ends[0][0], ends[0][2])


@pytest.mark.parametrize(
    ("line", "flags"),
    [
        ("python", ""),
        ("python -", ""),
        ("python prog.py -O", ""),
        ("python -m packviz run -O", ""),
        ("python -mpackviz run", ""),
        ("python -Im packviz run", "-I"),
        ("python -c code -O", ""),
        ("python -P -W error -Xdev -X utf8 --check-hash-based-pycs always prog.py -W", None),
        ("python -OW error -OWonce prog.py", None),
    ],
)
def test_what_was_typed_before_it_is_found(line: str, flags: str | None) -> None:
    wanted = line.removeprefix("python ").partition(" prog.py")[0] if flags is None else flags
    assert _flags(line.split()) == wanted.split()
