"""Functions over a batch, right and wrong, as they are written: each wrong one with the code and the rows it must get.

x is (4, 7, 4), or (7, 4, 4) for those that say so, with lengths 3, 7, 4 and 5: row 1 has no padding. In order of
descending lengths the rows are 1, 3, 2, 0, so that row 2 keeps its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, unpad_sequence

LENGTHS = (3, 7, 4, 5)
SHORT, ALL, MOVED = [0, 2, 3], [0, 1, 2, 3], [0, 1, 3]
WIDTH, HIDDEN = 4, 6


class Wrong(NamedTuple):
    make: Callable[[], Callable[..., Any]]
    code: str
    rows: list[int]
    batch_first: bool = True


class Right(NamedTuple):
    make: Callable[[], Callable[..., Any]]
    batch_first: bool = True


RIGHT: dict[str, Right] = {}
WRONG: dict[str, Wrong] = {}


def right(make: Callable[[], Any]) -> Callable[[], Any]:
    """A function that keeps the law; time first where its name ends so."""
    RIGHT[make.__name__] = Right(make, not make.__name__.endswith("time_first"))
    return make


def wrong(code: str, rows: list[int]) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """A function that breaks it."""

    def noted(make: Callable[[], Any]) -> Callable[[], Any]:
        WRONG[make.__name__] = Wrong(make, code, rows, not make.__name__.endswith("time_first"))
        return make

    return noted


def mask_of(x: Tensor, n: Tensor) -> Tensor:
    return torch.arange(x.shape[1]) < torch.as_tensor(n)[:, None]


def rnn_of(kind: Any = nn.LSTM, layers: int = 1, both: bool = False, first: bool = True, **how: Any) -> Any:
    torch.manual_seed(0)
    return kind(WIDTH, HIDDEN, layers, bidirectional=both, batch_first=first, **how)


def made(kind: Any, *sizes: int, **how: Any) -> Any:
    torch.manual_seed(1)
    return kind(*sizes, **how)


def packed_run(rnn: Any, x: Tensor, n: Any, **unpack: Any) -> tuple[Tensor, Any]:
    out, state = rnn(pack_padded_sequence(x, n, batch_first=rnn.batch_first, enforce_sorted=False))
    return pad_packed_sequence(out, batch_first=rnn.batch_first, **unpack)[0], state


def at_last(out: Tensor, n: Tensor) -> Tensor:
    return out[torch.arange(len(n)), n - 1]


def pooled(out: Tensor, n: Tensor) -> Tensor:
    return out.masked_fill(~mask_of(out, n)[..., None], 0).sum(1) / n[:, None]


def encoder_of() -> Any:
    torch.manual_seed(2)
    layer = nn.TransformerEncoderLayer(WIDTH, 2, 8, batch_first=True, dropout=0.1)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)


class Crf(nn.Module):
    """A linear chain over tags: the log of the partition function, and the best tags."""

    def __init__(self, masked: bool = True) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.linear, self.moves, self.masked = nn.Linear(WIDTH, 3), nn.Parameter(torch.randn(3, 3)), masked

    def forward(self, x: Tensor, n: Tensor) -> Tensor:
        scores, inside = self.linear(x), mask_of(x, n)
        alpha = scores[:, 0]
        for t in range(1, scores.shape[1]):
            step = torch.logsumexp(alpha[:, :, None] + self.moves + scores[:, t, None], 1)
            alpha = torch.where(inside[:, t, None], step, alpha) if self.masked else step
        return torch.logsumexp(alpha, 1)

    def decode(self, x: Tensor, n: Tensor) -> list[list[int]]:
        scores, found = self.linear(x), []
        for row, length in enumerate(n.tolist() if self.masked else [scores.shape[1]] * len(n)):
            best, back = scores[row, 0], []
            for t in range(1, length):
                ways = best[:, None] + self.moves + scores[row, t]
                best, which = ways.max(0)
                back.append(which)
            tags = [int(best.argmax())]
            for which in reversed(back):
                tags.append(int(which[tags[-1]]))
            found.append(tags[::-1])
        return found


@dataclass
class Output:
    hidden: Tensor
    pooled: Tensor
    lengths: Tensor


class Model(nn.Module):
    """An encoder and a head, in parts that can be replaced."""

    def __init__(self, encode: Any, pool: Any, both: bool = False) -> None:
        super().__init__()
        self.rnn, self.encode, self.pool = rnn_of(both=both), encode, pool
        self.head = made(nn.Linear, HIDDEN * (2 if both else 1), 3)

    def forward(self, x: Tensor, n: Tensor) -> Tensor:
        return self.head(self.pool(*self.encode(self.rnn, x, n), n))


# ---- right -----------------------------------------------------------------------------------------------------------


@right
def packed_outputs() -> Any:
    rnn = rnn_of()
    return lambda x, n: packed_run(rnn, x, n)[0]


@right
def packed_outputs_time_first() -> Any:
    rnn = rnn_of(first=False)
    return lambda x, n: packed_run(rnn, x, n)[0]


@right
def h_n_of_one_layer() -> Any:
    rnn = rnn_of(nn.GRU)
    return lambda x, n: packed_run(rnn, x, n)[1]


@right
def h_n_of_two_layers_and_directions() -> Any:
    rnn = rnn_of(nn.LSTM, 2, True)
    return lambda x, n: packed_run(rnn, x, n)[1]


@right
def h_n_of_two_layers_and_directions_time_first() -> Any:
    rnn = rnn_of(nn.GRU, 2, True, first=False)
    return lambda x, n: packed_run(rnn, x, n)[1]


@right
def both_final_states_side_by_side() -> Any:
    rnn = rnn_of(both=True)
    return lambda x, n: torch.cat([*packed_run(rnn, x, n)[1][0]], dim=1)


@right
def h_n_by_row() -> Any:
    rnn = rnn_of(nn.GRU, 2, True)
    return lambda x, n: packed_run(rnn, x, n)[1].transpose(0, 1).reshape(len(n), -1)


@right
def the_last_output_gathered() -> Any:
    rnn = rnn_of()
    return lambda x, n: at_last(rnn(x)[0], n)


@right
def the_last_output_gathered_time_first() -> Any:
    rnn = rnn_of(first=False)
    return lambda x, n: packed_run(rnn, x, n)[0].gather(0, (n - 1)[None, :, None].expand(1, -1, HIDDEN))[0]


@right
def forward_at_the_end_and_backward_at_the_start() -> Any:
    rnn = rnn_of(both=True)

    def fn(x: Tensor, n: Tensor) -> Tensor:
        out = packed_run(rnn, x, n)[0]
        return torch.cat([at_last(out, n)[:, :HIDDEN], out[:, 0, HIDDEN:]], dim=1)

    return fn


@right
def unpacked_outputs_of_one_direction() -> Any:
    rnn = rnn_of()
    return lambda x, n: rnn(x)[0]


@right
def outputs_of_total_length() -> Any:
    rnn = rnn_of(both=True)
    return lambda x, n: packed_run(rnn, x, n, total_length=x.shape[1])[0]


@right
def outputs_of_a_total_length_that_is_held() -> Any:
    rnn = rnn_of()
    return lambda x, n: packed_run(rnn, x, n, total_length=9)[0]


@right
def a_masked_mean() -> Any:
    return lambda x, n: pooled(x, n)


@right
def a_masked_mean_of_outputs() -> Any:
    rnn = rnn_of(both=True)
    return lambda x, n: pooled(packed_run(rnn, x, n)[0], n)


@right
def a_sum_of_unpacked_zeros() -> Any:
    rnn = rnn_of()
    return lambda x, n: packed_run(rnn, x, n)[0].sum(1) / n[:, None]


@right
def a_masked_maximum() -> Any:
    rnn = rnn_of()
    return lambda x, n: packed_run(rnn, x, n, padding_value=float("-inf"))[0].amax(1)


@right
def masked_attention_over_outputs() -> Any:
    rnn, score = rnn_of(both=True), made(nn.Linear, 2 * HIDDEN, 1)

    def fn(x: Tensor, n: Tensor) -> tuple[Tensor, Tensor]:
        out = packed_run(rnn, x, n)[0]
        weights = score(out)[..., 0].masked_fill(~mask_of(out, n), float("-inf")).softmax(1)
        return (weights[..., None] * out).sum(1), weights

    return fn


@right
def masked_attention_of_torch() -> Any:
    attention = made(nn.MultiheadAttention, WIDTH, 2, batch_first=True)

    def fn(x: Tensor, n: Tensor) -> tuple[Tensor, Tensor]:
        out, weights = attention(x, x, x, key_padding_mask=~mask_of(x, n))
        return out, weights

    return fn


@right
def a_transformer_encoder() -> Any:
    encoder = encoder_of()
    return lambda x, n: pooled(encoder(x, src_key_padding_mask=~mask_of(x, n)), n)


@right
def steps_of_a_transformer_encoder() -> Any:
    encoder = encoder_of()
    return lambda x, n: encoder(x, src_key_padding_mask=~mask_of(x, n))


@right
def sorted_by_hand_and_put_back() -> Any:
    rnn = rnn_of()

    def fn(x: Tensor, n: Tensor) -> Tensor:
        lengths, order = n.sort(descending=True)
        packed = pack_padded_sequence(x[order], lengths, batch_first=True)
        return rnn(packed)[1][0][0][order.argsort()]

    return fn


@right
def data_put_back_with_unsorted_indices() -> Any:
    rnn = rnn_of()

    def fn(x: Tensor, n: Tensor) -> Tensor:
        packed = pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False)
        plain = packed._replace(sorted_indices=None, unsorted_indices=None)
        return rnn(plain)[1][0][0][packed.unsorted_indices]

    return fn


@right
def a_packed_sequence() -> Any:
    rnn = rnn_of(both=True)
    return lambda x, n: rnn(pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False))[0]


@right
def a_norm_over_features() -> Any:
    norm, rnn = made(nn.LayerNorm, HIDDEN), rnn_of()
    return lambda x, n: norm(packed_run(rnn, x, n)[0])


@right
def a_batch_norm_over_valid_cells() -> Any:
    norm = made(nn.BatchNorm1d, WIDTH)

    def fn(x: Tensor, n: Tensor) -> Tensor:
        inside, out = mask_of(x, n), x.clone()
        out[inside] = norm(x[inside])
        return out

    return fn


@right
def a_batch_norm_over_states() -> Any:
    norm, rnn = made(nn.BatchNorm1d, HIDDEN), rnn_of()
    return lambda x, n: norm(packed_run(rnn, x, n)[1][0][0])


@right
def a_convolution_over_masked_x() -> Any:
    conv = made(nn.Conv1d, WIDTH, 5, 3, padding=1)
    return lambda x, n: conv(x.masked_fill(~mask_of(x, n)[..., None], 0).transpose(1, 2))


@right
def two_convolutions_masked_each_time() -> Any:
    one, two = made(nn.Conv1d, WIDTH, 5, 3, padding=1), made(nn.Conv1d, 5, 5, 5, padding=2)

    def fn(x: Tensor, n: Tensor) -> Tensor:
        outside = ~mask_of(x, n)[:, None]
        out = one(x.transpose(1, 2).masked_fill(outside, 0)).relu().masked_fill(outside, 0)
        return pooled(two(out).transpose(1, 2), n)

    return fn


@right
def a_strided_convolution_and_its_lengths() -> Any:
    conv = made(nn.Conv1d, WIDTH, 5, 3, stride=2, padding=1)

    def fn(x: Tensor, n: Tensor) -> tuple[Tensor, Tensor]:
        fewer = (n - 1) // 2 + 1
        out = conv(x.masked_fill(~mask_of(x, n)[..., None], 0).transpose(1, 2)).transpose(1, 2)
        return out.masked_fill(~mask_of(out, fewer)[..., None], 0), fewer

    return fn


@right
def every_other_step() -> Any:
    linear = made(nn.Linear, WIDTH, 5)
    return lambda x, n: linear(x)[:, ::2]


@right
def steps_one_after_the_other() -> Any:
    rnn = rnn_of()
    return lambda x, n: rnn(x)[0].flatten(1)


@right
def a_mask_that_is_multiplied() -> Any:
    return lambda x, n: (x * mask_of(x, n)[..., None]).sum(1) / n[:, None]


@right
def several_beams_a_row() -> Any:
    rnn = rnn_of()

    def fn(x: Tensor, n: Tensor) -> Tensor:
        wide, lengths = x.repeat_interleave(3, 0), n.repeat_interleave(3)
        states = packed_run(rnn, wide, lengths)[1][0][0]
        return states + torch.arange(3).repeat(len(x))[:, None]

    return fn


@right
def steps_of_several_beams_a_row() -> Any:
    rnn = rnn_of()
    return lambda x, n: packed_run(rnn, x.repeat_interleave(2, 0), n.repeat_interleave(2))[0]


@right
def several_results() -> Any:
    rnn = rnn_of(both=True)

    def fn(x: Tensor, n: Tensor) -> Any:
        out, (h, c) = packed_run(rnn, x, n)
        return {"out": out, "states": (h, [c]), "lengths": n, "none": None, "name": "both"}

    return fn


@right
def a_dataclass() -> Any:
    rnn = rnn_of()

    def fn(x: Tensor, n: Tensor) -> Output:
        out, (h, _) = packed_run(rnn, x, n)
        return Output(out, h[0], n.clone())

    return fn


@right
def a_list_of_rows() -> Any:
    rnn = rnn_of()
    return lambda x, n: unpad_sequence(packed_run(rnn, x, n)[0], n, batch_first=True)


@right
def the_partition_of_a_crf() -> Any:
    return Crf()


@right
def the_best_tags_of_a_crf() -> Any:
    return Crf().decode


@right
def a_model_with_dropout() -> Any:
    model = Model(lambda rnn, x, n: packed_run(rnn, x, n)[:1], lambda out, n: F.dropout(pooled(out, n)))
    return model


@right
def a_whole_model() -> Any:
    return Model(lambda rnn, x, n: (packed_run(rnn, x, n)[1][0],), lambda h, n: torch.cat([*h], 1), both=True)


@right
def one_step_only() -> Any:
    linear = made(nn.Linear, WIDTH, 6)
    return lambda x, n: linear(x[:, 0])


@right
def positions_are_added() -> Any:
    table = made(nn.Embedding, 7, WIDTH)
    return lambda x, n: pooled(x + table(torch.arange(x.shape[1])), n)


@right
def a_cumulative_sum() -> Any:
    return lambda x, n: at_last(x.cumsum(1), n)


# ---- wrong: padding is read ------------------------------------------------------------------------------------------


@wrong("reads-padding", SHORT)
def h_n_over_the_padded_x() -> Any:
    rnn = rnn_of()
    return lambda x, n: rnn(x)[1][0]


@wrong("reads-padding", SHORT)
def h_n_over_the_padded_x_time_first() -> Any:
    rnn = rnn_of(nn.GRU, first=False)
    return lambda x, n: rnn(x)[1]


@wrong("reads-padding", SHORT)
def the_last_step_of_the_padded_x() -> Any:
    rnn = rnn_of(nn.GRU)
    return lambda x, n: rnn(x)[0][:, -1]


@wrong("reads-padding", SHORT)
def both_directions_over_the_padded_x() -> Any:
    rnn = rnn_of(both=True)
    return lambda x, n: rnn(x)[0]


@wrong("reads-padding", SHORT)
def two_layers_over_the_padded_x() -> Any:
    rnn = rnn_of(nn.GRU, 2, True)
    return lambda x, n: at_last(rnn(x)[0], n)


@wrong("reads-padding", SHORT)
def a_mean_over_the_padded_x() -> Any:
    linear = made(nn.Linear, WIDTH, 5)
    return lambda x, n: linear(x).mean(1)


@wrong("reads-padding", SHORT)
def a_maximum_over_the_padded_x() -> Any:
    return lambda x, n: x.amax(1)


@wrong("reads-padding", SHORT)
def attention_without_a_mask() -> Any:
    attention = made(nn.MultiheadAttention, WIDTH, 2, batch_first=True)
    return lambda x, n: attention(x, x, x)[0]


@wrong("reads-padding", SHORT)
def a_transformer_encoder_without_a_mask() -> Any:
    encoder = encoder_of()
    return lambda x, n: pooled(encoder(x), n)


@wrong("reads-padding", SHORT)
def a_transformer_encoder_whose_mask_is_the_wrong_way_round() -> Any:
    encoder = encoder_of()
    return lambda x, n: encoder(x, src_key_padding_mask=mask_of(x, n) & (n < x.shape[1])[:, None]).nan_to_num()


@wrong("reads-padding", SHORT)
def a_transformer_encoder_pooled_without_a_mask() -> Any:
    encoder = encoder_of()
    return lambda x, n: encoder(x, src_key_padding_mask=~mask_of(x, n)).mean(1)


@wrong("reads-padding", SHORT)
def a_convolution_over_the_padded_x() -> Any:
    conv = made(nn.Conv1d, WIDTH, 5, 3, padding=1)
    return lambda x, n: conv(x.transpose(1, 2))


@wrong("reads-padding", SHORT)
def convolution_and_pooling_without_a_mask() -> Any:
    conv, pool = made(nn.Conv1d, WIDTH, 5, 3, padding=1), nn.AdaptiveAvgPool1d(1)
    return lambda x, n: pool(conv(x.transpose(1, 2)))[..., 0]


@wrong("reads-padding", SHORT)
def a_crf_without_a_mask() -> Any:
    return Crf(masked=False)


@wrong("reads-padding", SHORT)
def one_step_too_many() -> Any:
    rnn = rnn_of()

    def fn(x: Tensor, n: Tensor) -> Tensor:
        return packed_run(rnn, x, (n + 1).clamp(max=x.shape[1]))[1][0]

    return fn


@wrong("reads-padding", SHORT)
def the_next_step_is_looked_at() -> Any:
    return lambda x, n: x + x.roll(-1, 1)


@wrong("reads-padding", [0, 2, 3])
def an_off_by_one_gather() -> Any:
    rnn = rnn_of()
    return lambda x, n: rnn(x)[0][torch.arange(len(n)), n.clamp(max=x.shape[1] - 1)]


# ---- wrong: the company is read --------------------------------------------------------------------------------------


@wrong("depends-on-company", SHORT)
def the_last_step_of_unpacked_outputs() -> Any:
    rnn = rnn_of()
    return lambda x, n: packed_run(rnn, x, n)[0][:, -1]


@wrong("depends-on-company", SHORT)
def the_last_step_of_unpacked_outputs_time_first() -> Any:
    rnn = rnn_of(nn.GRU, first=False)
    return lambda x, n: packed_run(rnn, x, n)[0][-1]


@wrong("depends-on-company", SHORT)
def a_mean_over_unpacked_zeros() -> Any:
    rnn = rnn_of(both=True)
    return lambda x, n: packed_run(rnn, x, n)[0].mean(1)


@wrong("depends-on-company", SHORT)
def a_maximum_over_unpacked_zeros() -> Any:
    rnn = rnn_of()
    return lambda x, n: (packed_run(rnn, x, n)[0] - 1).amax(1)


@wrong("depends-on-company", SHORT)
def attention_over_unpacked_zeros() -> Any:
    rnn, score = rnn_of(), made(nn.Linear, HIDDEN, 1)

    def fn(x: Tensor, n: Tensor) -> Tensor:
        out = packed_run(rnn, x, n)[0]
        return (score(out).softmax(1) * out).sum(1)

    return fn


@wrong("depends-on-company", SHORT)
def attention_masked_with_0() -> Any:
    score = made(nn.Linear, WIDTH, 1)

    def fn(x: Tensor, n: Tensor) -> Tensor:
        inside = mask_of(x, n)[..., None]
        return (score(x).masked_fill(~inside, 0).softmax(1) * x).masked_fill(~inside, 0).sum(1)

    return fn


@wrong("depends-on-company", SHORT)
def a_masked_sum_divided_by_the_longest() -> Any:
    return lambda x, n: x.masked_fill(~mask_of(x, n)[..., None], 0).sum(1) / n.max()


@wrong("depends-on-company", SHORT)
def a_norm_over_steps() -> Any:
    def fn(x: Tensor, n: Tensor) -> Tensor:
        x = x.masked_fill(~mask_of(x, n)[..., None], 0)
        return (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True)

    return fn


@wrong("depends-on-company", SHORT)
def an_instance_norm_over_masked_steps() -> Any:
    norm = made(nn.InstanceNorm1d, WIDTH)
    return lambda x, n: norm(x.masked_fill(~mask_of(x, n)[..., None], 0).transpose(1, 2))


@wrong("depends-on-company", SHORT)
def pooling_of_masked_convolutions() -> Any:
    conv, pool = made(nn.Conv1d, WIDTH, 5, 3, padding=1), nn.AdaptiveAvgPool1d(2)
    return lambda x, n: pool(conv(x.masked_fill(~mask_of(x, n)[..., None], 0).transpose(1, 2))).flatten(1)


@wrong("depends-on-company", [1, 3])
def lengths_left_sorted() -> Any:
    rnn = rnn_of()

    def fn(x: Tensor, n: Tensor) -> Tensor:
        out = packed_run(rnn, x, n)[0]
        return torch.stack([out[i, :length].sum(0) for i, length in enumerate(n.sort(descending=True)[0])])

    return fn


@wrong("depends-on-company", [1, 2, 3])
def steps_cut_at_the_shortest() -> Any:
    rnn = rnn_of()
    return lambda x, n: packed_run(rnn, x, n)[0][:, : int(n.min())]


@wrong("depends-on-company", SHORT)
def positions_from_the_end_of_the_batch() -> Any:
    table = made(nn.Embedding, 7, WIDTH)
    return lambda x, n: pooled(x + table(torch.arange(x.shape[1]).flip(0)), n)


@wrong("depends-on-company", SHORT)
def a_crf_over_unpacked_zeros() -> Any:
    rnn, crf = made(nn.GRU, WIDTH, WIDTH, batch_first=True), Crf(masked=False)
    return lambda x, n: crf(packed_run(rnn, x, n)[0], n)


# ---- wrong: rows are taken for others --------------------------------------------------------------------------------


@wrong("rows-permuted", MOVED)
def states_in_sorted_order() -> Any:
    rnn = rnn_of()

    def fn(x: Tensor, n: Tensor) -> Tensor:
        lengths, order = n.sort(descending=True)
        return rnn(pack_padded_sequence(x[order], lengths, batch_first=True))[1][0]

    return fn


@wrong("rows-permuted", MOVED)
def outputs_in_sorted_order() -> Any:
    rnn = rnn_of(both=True)

    def fn(x: Tensor, n: Tensor) -> Tensor:
        lengths, order = n.sort(descending=True)
        packed = rnn(pack_padded_sequence(x[order], lengths, batch_first=True))[0]
        return pad_packed_sequence(packed, batch_first=True)[0]

    return fn


@wrong("rows-permuted", MOVED)
def the_indices_of_a_packed_sequence_are_lost() -> Any:
    rnn = rnn_of(nn.GRU, 2)

    def fn(x: Tensor, n: Tensor) -> Tensor:
        packed = pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False)
        return rnn(packed._replace(sorted_indices=None, unsorted_indices=None))[1]

    return fn


@wrong("rows-permuted", ALL)
def put_back_with_the_order_itself() -> Any:
    def fn(x: Tensor, n: Tensor) -> Tensor:
        order = torch.arange(len(n)).roll(1)
        return pooled(x, n)[order]

    return fn


@wrong("rows-permuted", ALL)
def rows_turned_round() -> Any:
    rnn = rnn_of()
    return lambda x, n: packed_run(rnn, x, n)[1][0].flip(1)


@wrong("rows-mixed", ALL)
def h_n_viewed_by_row() -> Any:
    rnn = rnn_of(both=True)
    return lambda x, n: packed_run(rnn, x, n)[1][0].view(len(n), -1)


@wrong("rows-mixed", ALL)
def h_n_of_two_layers_reshaped() -> Any:
    rnn = rnn_of(nn.GRU, 2, True)
    return lambda x, n: packed_run(rnn, x, n)[1].reshape(-1, 4 * HIDDEN)


@wrong("rows-mixed", ALL)
def x_viewed_in_the_place_of_a_transpose() -> Any:
    rnn = rnn_of(first=False)

    def fn(x: Tensor, n: Tensor) -> Tensor:
        return rnn(x.contiguous().view(x.shape[1], x.shape[0], -1))[1][0]

    return fn


@wrong("rows-mixed", ALL)
def a_softmax_over_rows() -> Any:
    score = made(nn.Linear, WIDTH, 3)
    return lambda x, n: score(pooled(x, n)).softmax(0)


@wrong("rows-mixed", ALL)
def a_norm_over_the_batch() -> Any:
    def fn(x: Tensor, n: Tensor) -> Tensor:
        state = pooled(x, n)
        return (state - state.mean(0)) / (state.std(0) + 1 if len(state) > 1 else 1)

    return fn


@wrong("rows-mixed", ALL)
def attention_over_the_rows() -> Any:
    attention = made(nn.MultiheadAttention, WIDTH, 2)  # time first, which x is not
    return lambda x, n: pooled(attention(x, x, x)[0], n)


@wrong("rows-mixed", ALL)
def a_convolution_over_the_rows() -> Any:
    conv = made(nn.Conv1d, WIDTH, WIDTH, 3, padding=1)
    return lambda x, n: conv(pooled(x, n).T[None])[0].T


@wrong("rows-mixed", [1, 2, 3])
def the_state_of_the_row_before() -> Any:
    def fn(x: Tensor, n: Tensor) -> Tensor:
        state = pooled(x, n)
        return state + torch.cat([torch.zeros(1, WIDTH), state[:-1]])

    return fn


@wrong("rows-mixed", ALL)
def beams_repeated_the_other_way() -> Any:
    rnn = rnn_of()

    def fn(x: Tensor, n: Tensor) -> Tensor:
        return packed_run(rnn, x.repeat(3, 1, 1), n.repeat_interleave(3))[1][0][0]

    return fn


# ---- wrong: a part is read, whole numbers, calls that differ, statistics ---------------------------------------------


@wrong("reads-part", ALL)
def both_directions_gathered_at_the_end() -> Any:
    rnn = rnn_of(both=True)
    return lambda x, n: at_last(packed_run(rnn, x, n)[0], n)


@wrong("reads-part", ALL)
def both_directions_gathered_at_the_end_time_first() -> Any:
    rnn = rnn_of(nn.GRU, both=True, first=False)
    return lambda x, n: packed_run(rnn, x, n)[0][n - 1, torch.arange(len(n))]


@wrong("reads-part", ALL)
def both_directions_at_the_start() -> Any:
    rnn = rnn_of(nn.GRU, both=True)
    return lambda x, n: packed_run(rnn, x, n)[0][:, 0]


@wrong("reads-part", ALL)
def a_model_that_gathers_both_directions_at_the_end() -> Any:
    model = Model(lambda rnn, x, n: packed_run(rnn, x, n)[:1], at_last, both=True)
    model.head = nn.Identity()
    return model


@wrong("reads-part", ALL)
def a_head_over_both_directions_at_the_end() -> Any:
    return Model(lambda rnn, x, n: packed_run(rnn, x, n)[:1], at_last, both=True)


@wrong("depends-on-company", SHORT)
def a_model_that_takes_the_last_step() -> Any:
    return Model(lambda rnn, x, n: packed_run(rnn, x, n)[:1], lambda out, n: out[:, -1], both=True)


@wrong("rows-mixed", ALL)
def a_model_that_views_h_n() -> Any:
    return Model(lambda rnn, x, n: (packed_run(rnn, x, n)[1][0],), lambda h, n: h.view(len(n), -1), both=True)


@wrong("lengths-depend-on-company", SHORT)
def lengths_of_the_longest() -> Any:
    conv = made(nn.Conv1d, WIDTH, 5, 3, padding=1)

    def fn(x: Tensor, n: Tensor) -> tuple[Tensor, Tensor]:
        x = x.masked_fill(~mask_of(x, n)[..., None], 0).transpose(1, 2)
        return conv(x), torch.full((len(x),), x.shape[2])

    return fn


@wrong("lengths-depend-on-company", SHORT)
def a_list_of_rows_of_the_longest() -> Any:
    rnn = rnn_of()
    return lambda x, n: unpad_sequence(packed_run(rnn, x, n)[0], torch.full_like(n, int(n.max())), batch_first=True)


@wrong("lengths-depend-on-company", [2])
def lengths_from_rounded_shares() -> Any:
    def fn(x: Tensor, n: Tensor) -> tuple[Tensor, Tensor]:
        shares = (n / n.max() * 4).round() / 4
        return pooled(x, n), (shares * n.max()).long()

    return fn


@wrong("lengths-depend-on-company", SHORT)
def where_the_greatest_is_counted_from_the_end() -> Any:
    def fn(x: Tensor, n: Tensor) -> Tensor:
        return x.shape[1] - x.masked_fill(~mask_of(x, n)[..., None], -1e9)[..., 0].argmax(1)

    return fn


@wrong("state-kept", ALL)
def a_state_that_is_carried_over() -> Any:
    class Carries(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.state = rnn_of(nn.GRU), None

        def forward(self, x: Tensor, n: Tensor) -> Tensor:
            state = self.state if self.state is not None and self.state.shape[1] == len(x) else None
            self.state = self.rnn(pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False), state)[1]
            return self.state[0]

    return Carries()


@wrong("state-kept", ALL)
def an_average_in_a_variable() -> Any:
    ema = 0.0

    def fn(x: Tensor, n: Tensor) -> Tensor:
        nonlocal ema
        ema = 0.9 * ema + 1.0
        return pooled(x, n) / ema

    return fn


@wrong("statistics-over-padding", SHORT)
def a_batch_norm_over_the_padded_x() -> Any:
    norm = made(nn.BatchNorm1d, WIDTH)
    return lambda x, n: norm(x.transpose(1, 2)).transpose(1, 2)


@wrong("statistics-over-padding", SHORT)
def a_batch_norm_over_unpacked_zeros() -> Any:
    rnn, norm = rnn_of(), made(nn.BatchNorm1d, HIDDEN)
    return lambda x, n: at_last(norm(packed_run(rnn, x, n)[0].flatten(0, 1)).unflatten(0, (len(x), -1)), n)


@wrong("statistics-over-padding", SHORT)
def statistics_of_its_own() -> Any:
    class Norm(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("mean", torch.zeros(WIDTH))

        def forward(self, x: Tensor) -> Tensor:
            if self.training:
                self.mean.lerp_(x.mean((0, 1)), 0.1)
            return x - self.mean

    norm = Norm()
    return lambda x, n: norm(x)
