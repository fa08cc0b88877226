"""A program, run in this process as `python SCRIPT` or `python -m MODULE` runs it.

Of what python does at its start only what a program can see is done again: sys.argv, sys.orig_argv, sys.path[0], and a
module `__main__` that is new. What python says of a program that can't be run, python itself says.
"""

from __future__ import annotations

import importlib.machinery
import io
import os
import pkgutil
import runpy
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import CodeType, ModuleType, TracebackType
from typing import Any, NoReturn

BARE = {
    *("__main__", "_abc", "_codecs", "_collections_abc", "_distutils_hack", "_frozen_importlib"),
    *("_frozen_importlib_external", "_imp", "_io", "_signal", "_sitebuiltins", "_stat", "_thread", "_warnings"),
    *("_weakref", "abc", "builtins", "codecs", "encodings", "genericpath", "io", "marshal", "nt", "ntpath", "os"),
    *("packviz", "posix", "posixpath", "site", "sitecustomize", "stat", "sys", "time", "usercustomize", "winreg"),
    "zipimport",
}
"""What python has loaded before a program begins, by the names before the first dot; and packviz itself."""


@dataclass(frozen=True)
class Program:
    """What is run: a script, a folder, a zip, or "-" for standard input; where `module` is true, a module by name."""

    target: str
    args: tuple[str, ...] = ()
    module: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """What is typed after `python`."""
        return (*(("-m",) if self.module else ()), self.target, *self.args)

    @property
    def name(self) -> str:
        """The program's name without its ending: of a module the last word, `stdin` of standard input."""
        if self.module:
            return self.target.rpartition(".")[2]
        if self.target == "-":
            return "stdin"
        stem = os.path.splitext(os.path.basename(os.path.normpath(os.path.join(folder(), self.target))))[0]
        return stem or "program"


Died = Callable[[BaseException], None]


def folder() -> str:
    """The working directory; "" where that has been removed."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def run(program: Program, died: Died) -> None:
    """Runs it to its end. `died` is told of an exception that ends it, once the traceback is printed.

    Raises SystemExit as the program does, or with 1 where an exception ends it, and KeyboardInterrupt, of which the
    interpreter makes the end by a signal, where that does.
    """
    error = _end_of(program)
    if error is None:
        return
    if isinstance(error, SystemExit):
        raise error
    _print_as_python(error)
    died(error)
    if type(error) is KeyboardInterrupt:
        _end_by_signal(error)
    raise SystemExit(1)


def _end_of(program: Program) -> BaseException | None:
    """Runs it; what ended it, its traceback without the frames that it has from here.

    A debugger that the program calls traces the frames beneath it, too: whoever steps on from its last line would come
    here.
    """
    sys._getframe().f_trace_lines = False
    try:
        try:
            _prepared(program)()
        finally:
            if sys._getframe().f_trace is not None:
                sys.settrace(None)
    except BaseException as error:
        return _without_ours(error)
    return None


def _outcome(call: Callable[[], object]) -> BaseException | None:
    """What it raises, its traceback without the frames that it has from here."""
    try:
        call()
    except BaseException as error:
        return _without_ours(error)
    return None


def _without_ours(error: BaseException) -> BaseException:
    trail = error.__traceback__
    while trail is not None and trail.tb_frame.f_code.co_filename == _without_ours.__code__.co_filename:
        trail = trail.tb_next
    return error.with_traceback(trail)


def _prepared(program: Program) -> Callable[[], object]:
    """Lets sys.argv, sys.path and `__main__` be what they are under python, and gives what begins the program."""
    main, words = ModuleType("__main__"), program.words
    if sys.version_info < (3, 14):
        main.__annotations__ = {}
    main.__dict__["__builtins__"] = sys.modules["builtins"]
    here = folder()
    path = here if program.target == "." else os.path.join(here, program.target)  # as it is typed, "./" and all
    argv = [*words]
    if program.module:
        argv = ["-m", *program.args]
        _set_path(here)
        begin = _begins_module(program.target, True)
    elif program.target == "-":
        begin = _begins_code(_compiled_input(words), main, "<stdin>", importlib.machinery.BuiltinImporter)
        _set_path("")
    elif pkgutil.get_importer(path) is not None:  # a folder or a zip
        _set_path(path, always=True)
        begin = _begins_module("__main__", False)
    else:
        code, loader = _compiled_file(path, words)
        begin = _begins_code(code, main, path, loader("__main__", path))
        _set_path(os.path.dirname(os.path.realpath(path)))
    sys.argv, sys.orig_argv = argv, [sys.executable, *_flags(sys.orig_argv), *words]
    sys.modules["__main__"] = main
    _make_way(sys.path[0] if sys.path else "")
    return begin


def _begins_code(code: CodeType, main: ModuleType, file: str, loader: Any) -> Callable[[], object]:
    main.__loader__ = loader
    main.__dict__.update(__file__=file, __cached__=None)
    return partial(exec, code, main.__dict__)


def _begins_module(name: str, named: bool) -> Callable[[], object]:
    """`named`: by python -m; else it is the `__main__` of a folder or a zip."""
    as_main: Any = runpy._run_module_as_main  # type: ignore[attr-defined]  # what `python -m` itself calls
    return partial(as_main, name, named)


def _compiled_file(path: str, words: Sequence[str]) -> tuple[CodeType, Any]:
    try:
        with io.open_code(path) as file:
            source = file.read()  # once: of a pipe the second time gives nothing
        compiled: CodeType | None = pkgutil.read_code(io.BytesIO(source))
        if compiled is not None:
            return compiled, importlib.machinery.SourcelessFileLoader
        return _compiled(source, path), importlib.machinery.SourceFileLoader
    except (OSError, SyntaxError, ValueError, EOFError, OverflowError, RecursionError, MemoryError) as error:
        if isinstance(error, SyntaxError) and not os.path.isfile(path):
            raise  # what has come through a pipe is gone
        _let_python_say(words)


def _compiled_input(words: Sequence[str]) -> CodeType:
    source = sys.stdin.buffer.read() if sys.stdin is not None else b""
    try:
        return _compiled(source, "<stdin>")
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        _let_python_say(words, source)


def _compiled(source: bytes, path: str) -> CodeType:
    """Raises what compile does. What it warns of is said only if it does not: else python says that, too."""
    stream, told = sys.stderr, io.StringIO()
    sys.stderr = told
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    finally:
        sys.stderr = stream
    if not _decodes(source):
        raise SyntaxError
    if stream is not None:
        stream.write(told.getvalue())
    return code


def _decodes(source: bytes) -> bool:
    """Whether every line can be decoded: in a comment, compile does not mind one that can't, and python does."""
    try:
        source.decode("utf-8")
    except UnicodeDecodeError:
        import tokenize  # with much of the library, which hardly any program needs for that

        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        return not encoding.startswith("utf-8")
    return True


def _let_python_say(words: Sequence[str], source: bytes | None = None) -> NoReturn:
    """The program can't begin: python itself says why, in its own words, with its own exit code."""
    line = [sys.executable, *_flags(sys.orig_argv), *words]
    if source is None and os.name == "posix":
        os.execv(sys.executable, line)
    sys.exit(subprocess.run(line, input=source).returncode)


def _flags(line: Sequence[str]) -> list[str]:
    """What stands in python's command line before what it is to run, as it was typed: -W error, -P."""
    found: list[str] = []
    at = 1
    while at < len(line) and line[at].startswith("-") and line[at] != "-":
        word = line[at]
        letters = "" if word.startswith("--") else word[1:]
        last = next((i for i, letter in enumerate(letters, 1) if letter in "cmWX"), 0)
        if last and word[last] in "cm":
            return [*found, word[:last]] if last > 1 else found
        more = word == "--check-hash-based-pycs" or (last and last == len(letters))  # its value is a word of its own
        found += line[at : at + 1 + bool(more)]
        at += 1 + bool(more)
    return found


def _set_path(first: str, always: bool = False) -> None:
    """`first` in the place of the folder of our own; where python was told to put none there (-P), only `always`."""
    if not sys.flags.safe_path:
        sys.path[:1] = [first]
    elif always:
        sys.path.insert(0, first)


def _make_way(folder: str) -> None:
    """Modules of the program's own that are called as one of the library that is loaded by us alone: without us the
    program would find its own."""
    for name in {name.partition(".")[0] for name in sys.modules} - BARE:
        own = os.path.join(folder, name)
        if os.path.isfile(f"{own}.py") or os.path.isfile(os.path.join(own, "__init__.py")):
            origin = getattr(sys.modules.get(name), "__file__", None) or ""
            if os.path.dirname(os.path.realpath(origin)) not in (folder, own):
                for each in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
                    del sys.modules[each]


def _print_as_python(error: BaseException) -> None:
    """What the interpreter does with an exception that nobody caught, sys.excepthook included."""
    kind, trail = type(error), error.__traceback__
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trail
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    hook, stream = getattr(sys, "excepthook", sys.__excepthook__), getattr(sys, "stderr", None)
    if not hasattr(sys, "excepthook") and stream is not None:
        stream.write("sys.excepthook is missing\n")
    second = _outcome(lambda: hook(kind, error, trail))
    if isinstance(second, SystemExit):
        raise second
    if second is not None and stream is not None:
        stream.write("Error in sys.excepthook:\n")
        sys.__excepthook__(type(second), second, second.__traceback__)
        stream.write("\nOriginal exception was:\n")
        sys.__excepthook__(kind, error, trail)


def _end_by_signal(error: BaseException) -> NoReturn:
    """Raised again for the interpreter, which is silent about it now, and ends itself by SIGINT after all else."""
    before = getattr(sys, "excepthook", sys.__excepthook__)

    def silent(kind: type[BaseException], value: BaseException, trail: TracebackType | None) -> None:
        sys.excepthook = before

    sys.excepthook = silent
    raise error
