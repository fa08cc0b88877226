"""Breaches of the law of the probe: a row's result must be the same alone, cut to its length, as in any batch.

PROBED has the codes, in the order of their help, each with its help. What the probe saw becomes a Finding here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packviz.core.cells.bits import Ints
from packviz.core.findings import Finding, Severity
from packviz.core.texts.wording import count, rows_listed, rows_title


@dataclass(frozen=True)
class Breach:
    """A kind of breach. `title`: one sentence. `one`, `many`: the same of one row and of several. `body`: the rest of
    its help. `fix`: Python to copy, or None."""

    title: str
    one: str
    many: str
    body: str
    severity: Severity
    fix: str | None = None


PROBED: Mapping[str, Breach] = {
    "reads-padding": Breach(
        "A result changes when what the padding holds does.",
        "its result reads padding",
        "their results read padding",
        "The padding is filled with large numbers of both signs, and with NaN: what changes has read it. The "
        "usual causes: a recurrent module that runs over the padded x, its h_n or out[:, -1]; a mean, a maximum "
        "or an attention without a mask; a length that counts padding. Where NaN alone shows and finite numbers "
        "do not, no value of the padding gets through: a mask is multiplied, and 0 × NaN is NaN. That is a note.",
        Severity.SILENT,
        "packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)\n"
        "# where nothing is packed: mask = torch.arange(x.size(1)) < lengths[:, None]\n"
        "#                          x = x.masked_fill(~mask[..., None], 0)",
    ),
    "depends-on-company": Breach(
        "The result of a row is another one alone than in the batch, though it reads neither padding nor other rows.",
        "its result depends on its company",
        "their results depend on their company",
        "Each row is run alone, cut to its length, and held against its row of the batch. What differs hangs on "
        "how long the longest row is, or on the lengths of the others: a mean or a softmax over all T steps, "
        "though the padding is masked to 0; an out[:, -1] that is a zero of pad_packed_sequence for all shorter "
        "rows; a normalisation over steps; lengths that were sorted while x was not.",
        Severity.SILENT,
        "mask = torch.arange(out.size(1)) < lengths[:, None]\n"
        "mean = out.masked_fill(~mask[..., None], 0).sum(1) / lengths[:, None]  # not out.mean(1)\n"
        "last = out[torch.arange(len(out)), lengths - 1]  # not out[:, -1]",
    ),
    "rows-permuted": Breach(
        "The result of a row is that of another row.",
        "its result is that of another row",
        "their results are those of other rows",
        "Each row is run alone: the same results are in the batch, at other places. The rows were sorted by "
        "length, by hand or in a PackedSequence whose data were read directly, and were not put back.",
        Severity.SILENT,
        "lengths, order = lengths.sort(descending=True)\n"
        "out = model(x[order], lengths)[order.argsort()]  # or index with packed.unsorted_indices",
    ),
    "rows-mixed": Breach(
        "The result of a row moves with the data of other rows.",
        "its result reads other rows",
        "their results read other rows",
        "The data of some rows are changed, and rows move that were not. The usual causes: view or reshape in the "
        "place of transpose or permute; h_n.view(B, -1), whose first dimension is layers and directions; a "
        "batch_first that is the wrong way round; a softmax, a mean or a norm over the dimension of rows.",
        Severity.SILENT,
        "h = h_n.transpose(0, 1).reshape(B, -1)  # not h_n.view(B, -1)\nx = x.transpose(0, 1)  # not x.view(T, B, -1)",
    ),
    "reads-part": Breach(
        "A half of the features has read one step of its row only.",
        "a half of its features has read one step only",
        "a half of their features has read one step only",
        "All steps but one are changed: features that stay have read that step alone. The output of the backward "
        "direction at the last step has read just that one; it has read the whole row at its first step. Of h_n "
        "both are the final ones.",
        Severity.WARNING,
        "last = torch.cat([h_n[-2], h_n[-1]], dim=1)  # forward at the last step, backward at the first",
    ),
    "lengths-depend-on-company": Breach(
        "Whole numbers that are returned, such as lengths, are others alone than in the batch.",
        "the whole number returned for it depends on its company",
        "the whole numbers returned for them depend on their company",
        "Lengths that a model returns are compared, too: each must follow from its own row. Lengths relative to "
        "the longest, or the padded size of an output, are those of the company.",
        Severity.SILENT,
        "lengths = (lengths + 2 * padding - kernel) // stride + 1  # of each row, not out.size(1)",
    ),
    "state-kept": Breach(
        "The same call twice gives different results: something is kept between calls.",
        "its result differs at the second call",
        "their results differ at the second call",
        "The second call differs from the first with the same random numbers, and does not where all is put back "
        "before it. A hidden state that is carried over, statistics that are updated in evaluation mode, a cache. "
        "The oracles that need calls that agree were not run.",
        Severity.SILENT,
        "out, state = self.rnn(packed)  # not self.state = ...: begin each batch with None",
    ),
    "draws-random": Breach(
        "The same call twice gives different results: numbers are drawn at random.",
        "its result is drawn at random",
        "their results are drawn at random",
        "With other random numbers the result is another one, though modules are in evaluation mode: such as "
        "F.dropout, which drops unless it is given training=self.training. Probe in evaluation mode. Dropout is "
        "switched off for the other oracles; whatever else is drawn hides what they would show.",
        Severity.NOTE,
        "x = F.dropout(x, 0.5, training=self.training)",
    ),
    "statistics-over-padding": Breach(
        "Running statistics of a normalising module are those over padding, too.",
        "its padding is counted in running statistics",
        "their padding is counted in running statistics",
        "In training mode the module is run over all that it is given in the batch, and over what it is given of "
        "the rows alone, each cut to its length. Where the statistics differ, padding is in them, and evaluation "
        "mode normalises by them ever after.",
        Severity.WARNING,
        "mask = torch.arange(x.size(1)) < lengths[:, None]\n"
        "y = x.clone()\ny[mask] = norm(x[mask])  # (N, F): the valid cells alone",
    ),
}


def found(code: str, rows: Sequence[int], detail: str, *, note: bool = False) -> Finding:
    """The finding of a breach in some rows. `note`: nothing is wrong, it is worth knowing."""
    breach = PROBED[code]
    return Finding(
        code,
        Severity.NOTE if note else breach.severity,
        rows_title(list(rows), breach.one, breach.many) if len(rows) else breach.title.rstrip("."),
        detail,
        rows=tuple(int(row) for row in rows),
        fix=breach.fix,
    )


def sentence(words: str) -> str:
    """With a capital at its beginning."""
    return words[:1].upper() + words[1:]


def placed(names: Sequence[str], rows: Sequence[int] | Ints, total: int) -> str:
    """`the result[1] of rows 0 and 2`; of all rows, `the result[1] of all 3 rows`."""
    which = f"all {count(total, 'row')}" if len(rows) == total > 1 else rows_listed(list(rows), total=False)
    return f"{', '.join(names)} of {which}"


def permutation_told(sources: Mapping[int, int], ordered: bool) -> str:
    """`row 0 is row 2, row 2 is row 0`, and whether that is the order of descending lengths."""
    pairs = [f"row {row} is that of row {source}" for row, source in sorted(sources.items())]
    shown = pairs if len(pairs) <= 6 else [*pairs[:5], "…", pairs[-1]]
    how = "sorted order: index it with unsorted_indices" if ordered else "another order"
    return f"it is returned in {how} ({'; '.join(shown)})."


def order_told(code: str) -> int:
    """The place of a code among the others, worst first."""
    breach = PROBED[code]
    return breach.severity.rank * len(PROBED) + list(PROBED).index(code)
