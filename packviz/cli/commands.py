"""What the commands do."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from packviz.cli.display import no_display
from packviz.cli.no_torch import torch_missing, until_then
from packviz.cli.printing import FAILED as FAILED
from packviz.cli.printing import OK, WRONG, complain, in_colour, note, plain, report_words
from packviz.cli.reading import Typed, ask_for_input, batches_of, look_at, read, read_stdin, reason, sample_name
from packviz.core.batch import Batch, BatchError
from packviz.core.budget import MEMORY
from packviz.core.errors import NoTorch
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.patience import TIME
from packviz.core.samples import FIRST_SAMPLE, SAMPLE
from packviz.core.texts.quoting import elided, shown
from packviz.torch_side.asking.report import report_on

PICTURE = "packviz.png"
PICTURE_SIZE = (1600, 1000)


def run(options: argparse.Namespace) -> int:
    """Runs a parsed command line; the exit code."""
    commands = {"check": check, "explain": explain, "probe": probe, "render": render, "trace": trace}
    command = {"window": window, **commands}[options.command]
    try:
        for allowance in (MEMORY, TIME):
            allowance.of_environment()
    except BatchError as error:
        return complain(f"{allowance.variable}: {error}")
    memory, seconds = getattr(options, "memory", None), getattr(options, "seconds", None)
    with MEMORY.within(memory, everywhere=True), TIME.within(seconds, everywhere=True):
        try:
            typed = Typed.of(options).with_weights()
        except BatchError as error:
            return complain(str(error))
        return command(options, typed)


def check(options: argparse.Namespace, typed: Typed) -> int:
    """Prints the calls of each recording, then the findings of each batch of each other file, and of many a summary.

    The exit code is the worst of all."""
    from packviz.cli.checking.command import check as check_files
    from packviz.cli.checking.options import choice_of
    from packviz.cli.recordings import check_recordings, in_a_table, named

    if not in_a_table(options):
        return check_files(options, typed)
    form, ask = getattr(options, "format", None), not getattr(options, "rules_only", False)
    code = OK
    if "-" in options.files:
        try:
            typed = replace(typed, piped=read_stdin())
        except BatchError as error:
            code = complain(str(error))
            options.files = [name for name in options.files if name != "-"]
    options.files = [meant for name in options.files for meant in named(name)]
    try:
        told, others = check_recordings(options.files, typed, form, ask=ask, choice=choice_of(options))
    except NoTorch as error:
        return complain(str(error))
    code = max(code, told)
    if not others:
        return code
    if len(others) < len(options.files) and form != "json":
        print()
    options.files = others
    return max(code, check_files(options, typed))


def explain(options: argparse.Namespace, typed: Typed) -> int:
    """Prints what a message means, or what a finding is; 1 where no cause of the message is known."""
    from packviz.cli.explaining import asked
    from packviz.core.codes import all_codes, code_title, codes_text
    from packviz.core.texts.explanation import explanation_text

    if options.codes:
        titles = {code: code_title(code) for _, codes in all_codes() for code in codes}
        print(json.dumps({"version": 1, "codes": titles}) if options.format == "json" else codes_text())
        return OK
    try:
        explanation = asked(options.words, getattr(options, "batch", None), typed)
    except BatchError as error:
        return complain(str(error))
    if options.format == "json":
        print(json.dumps(plain(explanation.to_dict()), allow_nan=False))
    else:
        print(shown(explanation_text(explanation, in_colour())))
    return OK if explanation.known else WRONG


def trace(options: argparse.Namespace, typed: Typed) -> int:
    """Prints how a stepped run agrees with torch's, and where an expression first holds."""
    from packviz.cli.tracing import traced

    try:
        made = traced(options.file, typed, options.until)
    except BatchError as error:
        return complain(str(error))
    if options.format == "json":
        print(json.dumps(plain(made.to_dict()), allow_nan=False), flush=True)
    else:
        print(shown(made.text()), flush=True)
    return OK if made.well else WRONG


def probe(options: argparse.Namespace, typed: Typed) -> int:
    """Prints what a module, or a function of the user's, reads of padding; 1 where it does, or could not be tested."""
    from packviz.cli.probing import probed

    *target, name = options.words
    try:
        report = probed(target[0] if target else None, name, typed, note)
    except BatchError as error:
        return complain(str(error))
    if options.format == "json":
        print(json.dumps(plain(report.to_dict()), allow_nan=False), flush=True)
    else:
        print(shown(str(report)), flush=True)
    return OK if report.ok else WRONG


def render(options: argparse.Namespace, typed: Typed) -> int:
    """Writes the window as a picture; where torch is not there, of what the rules find, and says so."""
    out = Path(options.output)
    try:
        check_output(out)
        batch, spec, recording = _shown_first(options.file, typed)
        if spec.device != "cpu":
            from packviz.torch_side.devices import device_named

            device_named(spec.device)  # refuses what is not there: a picture of empty panes would be of no use
        missing = torch_missing()
        if missing is not None and options.probe:
            raise missing
        moment = Moment(options.step, options.layer, int(options.direction == "backward"))
        if options.until is not None:
            moment = _until(batch, spec, options.until)
        look = {"step": moment, "size": options.size, "theme": options.theme} | recording
        draw(batch, spec, out, **look, message=options.explain, probe=options.probe)
    except BatchError as error:
        return complain(str(error))
    return OK if missing is None else complain(until_then(missing, f"{out} shows what the rules alone find"))


def _shown_first(name: str, typed: Typed) -> tuple[Batch, Module, dict[str, Any]]:
    """What a picture shows of a file: its batch, or the worst call of a recording, unless one is named, with that."""
    from packviz.cli.recordings import batch_of, call_named, recording_of

    found = recording_of(name)
    if found is None:
        return *read(name, typed), {}
    return *batch_of(found, call_named(found, typed.entry), typed, like=True), {"recording": found}


def _until(batch: Batch, spec: Module, text: str) -> Moment:
    """The moment at which an expression first holds. Raises BatchError, also where it never does."""
    from packviz.cli.tracing import run_of
    from packviz.core.expressions.evaluate import first, moment_of
    from packviz.core.expressions.parse import parse_truth

    found = first(parse_truth(text), run_of(batch, spec))
    if found is None:
        raise BatchError(f"{text} never holds in this run: leave --until out, or look for something else.")
    return moment_of(found)


def window(options: argparse.Namespace, typed: Typed) -> int:
    """Opens the window; where there is no display, prints the findings and writes the window as a picture.

    Of several files those that are there are opened, and each other is one line on standard error, and said in the
    window, too.
    """
    names = tuple(options.files) or (SAMPLE + FIRST_SAMPLE,)
    why = no_display()
    if why is not None:
        return without_display(names, typed, why)
    code, found, missing = OK, list[str](), list[str]()
    for name in names:
        try:
            found.append(in_advance(name))
        except BatchError as error:
            code = complain(str(error))
            missing += [name] if name != "-" else []
    if not found:
        return code
    from packviz import app

    return max(code, app.run((*found, *missing), typed))


def in_advance(name: str) -> str:
    """The name: what it stands for, which may be large or late, is read behind the window.

    Raises BatchError for what can be told before: a file that is not there, no such sample, standard input closed.
    """
    if name.startswith(SAMPLE):
        return SAMPLE + sample_name(name)
    if name == "-":
        ask_for_input()
    else:
        look_at(name)
    return name


def without_display(names: Sequence[str], typed: Typed, why: str) -> int:
    """The findings on standard output, and the window on the first batch as a picture in this folder."""
    from packviz.cli.recordings import check_recordings

    picture = free_name(Path(PICTURE))
    first: tuple[Batch, Module, dict[str, Any]] | None = None
    said = f"packviz: {why}: here are the findings, and {picture} is the window."
    missing = torch_missing()
    ask = missing is None
    code, others = check_recordings(names, typed, "text", ask=ask)
    if len(others) < len(names):
        print(said, file=sys.stderr, flush=True)
        try:
            first = _shown_first(next(name for name in names if name not in others), typed)
        except BatchError as error:
            code = complain(str(error))
    for batch, spec in batches_of(others, typed):
        try:
            if isinstance(batch, BatchError):
                raise batch
            if first is None:
                print(said, file=sys.stderr, flush=True)
            print(("\n" if first else "") + shown(report_words(report_on(batch, spec, ask=ask))), flush=True)
        except BatchError as error:
            code = complain(str(error))
            continue
        first = first or (batch, spec, {})
    if first is None:
        return code
    try:
        check_output(picture)
        batch, spec, recording = first
        draw(batch, spec, picture, step=0, size=PICTURE_SIZE, theme="dark", **recording)
    except BatchError as error:
        return complain(str(error))
    return code if missing is None else complain(until_then(missing, "this is what the rules alone find"))


def draw(batch: Batch, spec: Module, out: Path, **look: Any) -> None:
    """Renders with no display. Raises BatchError where the picture can't be written."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from packviz import app

    try:
        app.render(batch, spec, out, **look)
    except OSError as error:
        why = f": {reason(error)}" if error.strerror else ""
        raise BatchError(f"{elided(str(out))} can't be written{why}.") from error


def check_output(out: Path) -> None:
    """Raises BatchError where no picture can be written there, before the work is done."""
    name = elided(str(out))
    if out.suffix.lower() != ".png":
        raise BatchError(f"{name} does not end in .png, but a picture is written as PNG.")
    if out.is_dir():
        raise BatchError(f"{name} is a folder, but the name of a picture is expected.")
    if not out.parent.is_dir():
        raise BatchError(f"{name} can't be written: there is no folder {elided(str(out.parent))}.")
    if not os.access(out if out.exists() else out.parent, os.W_OK):
        raise BatchError(f"{name} can't be written: permission denied.")


def free_name(path: Path) -> Path:
    """The path, or the first of name-2, name-3, ... that no file has."""
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free
