from __future__ import annotations

import sys
import types

from packviz.showing.site import is_typed, site_of_call


def called(code: str, name: str, file: str, **given: object) -> dict[str, object]:
    """Runs code as a module of that name would, from that file."""
    scope: dict[str, object] = {"__name__": name, "site_of_call": site_of_call, **given}
    exec(compile(code, file, "exec"), scope)
    return scope


def test_it_is_the_innermost_line_outside_packviz() -> None:
    site = site_of_call()
    assert (site.path, site.function) == (__file__, "test_it_is_the_innermost_line_outside_packviz")
    inner = called("def show():\n    return site_of_call()", "packviz.showing.show", "/house/show.py")["show"]
    scope = called("\n\nfound = show()", "train", "/home/me/train.py", show=inner)
    assert (scope["found"].path, scope["found"].line, scope["found"].function) == ("/home/me/train.py", 3, "")


def test_what_torch_puts_between_is_none_of_the_programs() -> None:
    inner = called("def show():\n    return site_of_call()", "packviz.showing.show", "/house/show.py")["show"]
    between = called("def aside():\n    return show()", "torch._dynamo.eval_frame", "/torch/eval_frame.py", show=inner)
    scope = called("\nfound = aside()", "train", "/home/me/train.py", aside=between["aside"])
    assert (scope["found"].path, scope["found"].line) == ("/home/me/train.py", 2)


def test_what_stands_in_no_file_is_typed() -> None:
    for file, typed in (("<stdin>", True), ("<ipython-input-3>", True), ("/home/me/train.py", False)):
        assert called("found = is_typed()", "__main__", file, is_typed=is_typed)["found"] is typed


def test_what_is_typed_in_a_debugger_is_at_the_line_at_which_the_program_stands() -> None:
    typing = "def evaluate():\n    exec(compile('found.append(site_of_call())', '<stdin>', 'single'))"
    typed = called(typing, "bdb", "bdb.py")
    found: list[object] = []
    debugger = types.FunctionType(typed["evaluate"].__code__, {**typed, "found": found})  # type: ignore[attr-defined]
    called("\ndef fit():\n    evaluate()\nfit()", "__main__", "/home/me/train.py", evaluate=debugger)
    [site] = found
    assert (site.path, site.line, site.function) == ("/home/me/train.py", 3, "fit")


def test_code_that_is_made_from_text_between_is_no_place_to_stand() -> None:
    typing = "def evaluate():\n    exec(compile('found.append(site_of_call())', '<stdin>', 'single'))"
    typed = called(typing, "bdb", "bdb.py")
    found: list[object] = []
    debugger = types.FunctionType(typed["evaluate"].__code__, {**typed, "found": found})  # type: ignore[attr-defined]
    made = called("def made():\n    evaluate()", "__main__", "<string>", evaluate=debugger)["made"]
    called("\nmade()", "__main__", "/home/me/train.py", made=made)
    [site] = found
    assert (site.path, site.line) == ("/home/me/train.py", 2)


def test_what_is_typed_in_a_console_is_where_it_is_typed() -> None:
    scope = called("found = site_of_call()", "__main__", "<stdin>")
    assert scope["found"].path == "<stdin>"


def test_a_program_that_runs_under_a_debugger_is_where_it_stands() -> None:
    program = called("def fit():\n    return site_of_call()", "__main__", "/home/me/train.py")["fit"]
    scope = called("found = fit()", "bdb", "bdb.py", fit=program)
    assert scope["found"].path == "/home/me/train.py"


def test_a_call_from_nowhere_has_a_site_all_the_same() -> None:
    found: list[object] = []
    sys_frames = types.SimpleNamespace(_getframe=lambda depth: None)
    inner = types.FunctionType(site_of_call.__code__, {**site_of_call.__globals__, "sys": sys_frames})
    found.append(inner())
    assert found[0].path == "python"
    assert sys._getframe() is not None
