"""The memory that the x of several batches take together."""

import numpy as np

from packviz.core.batch import Call, make_batch
from packviz.session.memory import Xs, place_of

BATCH = make_batch(np.zeros((3, 5), dtype=np.float32), [3, 2, 4], Call(True, False))


def test_edits_and_views_lie_where_their_batch_lies_and_a_copy_does_not() -> None:
    assert place_of(BATCH.with_lengths([1, 1, 1])) == place_of(BATCH)
    assert place_of(BATCH.with_swapped_layout()) == place_of(BATCH)
    assert place_of(make_batch(BATCH.x.copy(), [1, 1, 1])) != place_of(BATCH)


def test_what_several_batches_share_is_counted_once() -> None:
    seen, other = Xs(), make_batch(np.zeros((2, 2), dtype=np.float32), [1, 1])
    for batch in (BATCH, BATCH.with_lengths([1, 1, 1]), other, BATCH):
        seen.add(batch)
    assert seen.nbytes == BATCH.x.nbytes + other.x.nbytes == 76
