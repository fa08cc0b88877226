"""The rules alone find what they find with torch asked, but for what only torch can tell: of modules, and of many rows.

Of calls of all kinds it is asked in test_oracle.py, where each is checked anyway.
"""

from __future__ import annotations

import warnings

import numpy as np

import packviz
from tests.module_calls import module_call
from tests.oracle.judges import differences, told, unexplained

MODULES = 300


def test_of_modules_and_their_states_the_same_is_found_and_every_message_is_known_and_leads_to_its_finding() -> None:
    wrong, raised = [], 0
    for seed in range(MODULES):
        call = module_call(seed)
        options = {**call.options, "module": call.module, "hx": call.hx}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's
            asked = packviz.check(call.x, call.lengths, **options)
            alone = packviz.check(call.x, call.lengths, **options, ask=False)
        wrong += [f"{said}: {call}" for said in (*differences(alone, asked), *unexplained(asked))]
        raised += asked.verdict is not None and asked.verdict.run.ok is False
    assert not wrong, "\n".join(wrong[:20])
    assert raised > MODULES // 4


def test_of_many_rows_the_same_is_found_but_for_the_places_of_equal_lengths() -> None:
    random = np.random.default_rng(0)
    for _ in range(40):
        rows, steps = int(random.integers(17, 40)), int(random.integers(10, 80))
        x = random.integers(0, 5, (rows, steps)).astype(random.choice(["float32", "int64"]))
        lengths = random.permutation(np.arange(1, 81))[:rows] if random.random() < 0.5 else random.integers(1, 9, rows)
        x[np.arange(steps) >= lengths[:, None]] = 0
        lengths[random.integers(rows)] += int(random.integers(-1, 3))
        options = {"batch_first": True, "enforce_sorted": bool(random.random() < 0.1)}
        asked, alone = packviz.check(x, lengths, **options), packviz.check(x, lengths, **options, ask=False)
        assert [f.code for f in alone.findings] == [f.code for f in asked.findings]
        tied = not options["enforce_sorted"] and len(np.unique(lengths)) < rows
        for ours, theirs in zip(alone.findings, asked.findings, strict=True):
            same = told(ours) | {"detail": ""} == told(theirs) | {"detail": ""}
            assert same
            assert ours.detail == theirs.detail or (tied and "data[" in theirs.detail)
            assert not (tied and "data[" in ours.detail)
