"""Batches of measurements: speech features, mels, waves, series, rollouts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from tests.corpus.cases import Case, Truth, last, lengths_of, measured, padded
from tests.corpus.writing import as_json, npy, npz, printed, pt, safetensors

FLOOR = float(np.float32(np.log(1e-5)))


def cases() -> Iterator[Case]:
    yield from _time_last()
    yield from _time_in_the_middle()
    yield from _relative()
    yield from _paddings()
    yield from _series()
    yield from _rollouts()


def _time_last() -> Iterator[Case]:
    n = lengths_of(6, 57, 1, least=20)
    x = padded(measured(n, 20, 1))
    truth = {"": Truth(n, x, padding=0)}
    said = ("time last",)
    yield Case("tacotron_mel.pt", pt({"mel": last(x), "mel_lengths": n}), truth, (*said, "mel_lengths"))
    yield Case("tts_mels_lens.pt", pt({"mels": last(x), "mel_lens": n}), truth, (*said, "mel_lens"))
    yield Case(
        "nemo_signal.pt",
        pt({"processed_signal": last(x), "processed_signal_length": n}),
        truth,
        (*said, "processed_signal_length"),
    )
    yield Case("spec_lengths.npz", npz(spec=last(x), spec_lengths=n), truth, said)
    yield Case("feats_last.safetensors", safetensors(feats=last(x), feats_len=n), truth, (*said, "feats_len"))
    yield Case("conv_pair.pt", pt((last(x), n)), truth, said)
    yield Case("conv_x.npz", npz(x=last(x), lengths=n), truth, said)
    yield Case("conv_lists.json", as_json({"x": last(x), "lengths": n}), truth, said)
    yield Case("conv_int32.pt", pt({"x": last(x), "x_lens": n.astype(np.int32)}), truth, said)
    same = np.full(6, 57)
    full = padded(measured(same, 20, 2))
    yield Case("mel_all_full.pt", pt({"mel": last(full), "mel_lengths": same}), {"": Truth(same, full)}, said)
    mask = np.arange(57) < n[:, None]
    yield Case(
        "whisper_mask.pt",
        pt({"input_features": last(x), "attention_mask": mask.astype(np.int64)}),
        truth,
        (*said, "attention_mask"),
    )
    yield Case(
        "whisper_alone.pt",
        pt({"input_features": last(full)}),
        {"": Truth(same, full)},
        asks=("--axes", "BFT"),
    )
    yield Case("mel_alone.npy", npy(last(full)), {"": Truth(same, full)}, asks=("--axes", "BFT"))
    wave = padded(measured(n, 1, 3))
    yield Case("wave_b1t.pt", pt({"wav": last(wave), "wav_lengths": n}), {"": Truth(n, wave)}, said)
    spec = last(x)[:, None]
    yield Case(
        "channel_spec.pt",
        pt({"inputs": spec, "input_sizes": n}),
        {"": Truth(n, np.moveaxis(spec, -1, 1))},
        said,
    )
    square = lengths_of(6, 20, 4, least=8)
    y = padded(measured(square, 20, 4))
    yield Case("square_last_padded.pt", pt((last(y), square)), {"": Truth(square, y)}, said)
    yield Case("square_features_last.pt", pt((y, square)), {"": Truth(square, y)})
    filled = np.random.default_rng(5).standard_normal((6, 20, 20)).astype(np.float32)
    yield Case(
        "square_nothing_tells.pt",
        pt((filled, square)),
        {"": Truth(square, np.moveaxis(filled, 1, 2))},
        asks=("--axes", "BFT"),
    )
    steps = padded(measured(n, 20, 6), steps=64)
    yield Case("mel_stride.pt", pt({"mel": last(steps), "mel_lengths": n}), {"": Truth(n, steps)}, said)
    few = np.array([30, 12, 21])
    turned = padded(measured(few, 40, 7))
    yield Case("few_rows_last.pt", pt((last(turned), few)), {"": Truth(few, turned)}, said)
    shorter = np.array([9, 4, 7, 12])
    bank = padded(measured(shorter, 80, 8))
    yield Case("short_mel.pt", pt({"mel": last(bank), "mel_lengths": shorter}), {"": Truth(shorter, bank)}, said)
    cut = n.copy()
    cut[np.argmin(cut)] += 3
    yield Case(
        "mel_length_too_large.pt",
        pt({"mel": last(x), "mel_lengths": cut}),
        {"": Truth(cut, x)},
        said,
        broken=("length-counts-padding",),
    )


def _time_in_the_middle() -> Iterator[Case]:
    n = lengths_of(5, 44, 11, least=15)
    x = padded(measured(n, 16, 11))
    truth = {"": Truth(n, x)}
    yield Case("coqui_mel.pt", pt({"mel": x, "mel_lengths": n}), truth)
    yield Case("espnet_feats.npz", npz(feats=x, feats_lengths=n), truth, ("feats_lengths",))
    yield Case("fbank_tbf.pt", pt((np.ascontiguousarray(x.swapaxes(0, 1)), n)), truth)
    yield Case("icefall.pt", pt({"inputs": x, "supervisions": {"num_frames": n}}), truth, ("num_frames",))
    yield Case("speech2text.pt", pt({"input_features": x, "attention_mask": np.arange(44) < n[:, None]}), truth)
    wide = padded(measured(n, 44, 12), steps=60)
    yield Case("wide_features.pt", pt((wide, n)), {"": Truth(n, wide)})
    short = n.copy()
    short[0] -= 2
    yield Case(
        "feats_cut.pt", pt({"feats": x, "feats_lengths": short}), {"": Truth(short, x)}, broken=("length-cuts-data",)
    )


def _relative() -> Iterator[Case]:
    n = lengths_of(4, 50, 21, least=10)
    share = (n / 50).astype(np.float32)
    x = padded(measured(n, 8, 21))
    said = ("relative",)
    yield Case("speechbrain_pair.pt", pt((x, share)), {"": Truth(n, x)}, said)
    yield Case("speechbrain_dict.pt", pt({"feats": x, "feats_lens": share}), {"": Truth(n, x)}, said)
    wave = padded([row[:, 0] for row in measured(n, 1, 22)])
    yield Case("speechbrain_wave.npz", npz(sig=wave, sig_lens=share), {"": Truth(n, wave)}, said)
    yield Case("speechbrain_last.pt", pt((last(x), share)), {"": Truth(n, x)}, (*said, "time last"))
    yield Case(
        "deepspeech.pt",
        pt({"inputs": last(x)[:, None], "input_percentages": share}),
        {"": Truth(n, np.moveaxis(last(x)[:, None], -1, 1))},
        (*said, "time last", "input_percentages"),
    )
    ones = np.ones(4, dtype=np.float32)
    full = padded(measured(np.full(4, 50), 8, 23))
    all_one = pt({"feats": full, "feats_lens": ones})
    yield Case("speechbrain_all_one.pt", all_one, {"": Truth([50] * 4, full)}, said, asks=("--axes", "BTF"))


def _paddings() -> Iterator[Case]:
    n = lengths_of(6, 57, 31, least=20)
    rows = [np.maximum(row, FLOOR + 0.5) for row in measured(n, 20, 31)]
    x = padded(rows, FLOOR)
    truth = {"": Truth(n, x, padding=FLOOR)}
    yield Case("log_mel_floor.pt", pt({"mel": last(x), "mel_lengths": n}), truth, ("time last", "-11.5"))
    yield Case("log_mel_middle.pt", pt({"feats": x, "feats_lengths": n}), truth, ("-11.5",))
    yield Case("log_mel_guessed.npz", npz(x=x), truth, ("-11.5",))
    yield Case("log_mel_guessed_last.npz", npz(mel=last(x)), truth, ("-11.5", "time last"))
    low = padded(measured(n, 12, 32), -32768.0)
    yield Case("padded_32768.pt", pt((low, n)), {"": Truth(n, low, padding=-32768)}, ("-32768",))
    missing = padded(measured(n, 6, 33), float("nan"))
    yield Case("padded_nan.pt", pt((missing, n)), {"": Truth(n, missing, padding=float("nan"))}, ("nan",))
    hundred = padded(measured(n, 6, 34), -100.0)
    yield Case("padded_minus_100.npz", npz(x=hundred), {"": Truth(n, hundred, padding=-100)}, ("-100",))


def _series() -> Iterator[Case]:
    n = lengths_of(5, 30, 41, least=8)
    x, future = padded(measured(n, 7, 41)), padded(measured(n // 2, 7, 42))
    both = {"encoder_cont": x, "encoder_lengths": n, "decoder_cont": future, "decoder_lengths": n // 2}
    yield Case("forecasting.pt", pt(both), {"": Truth(n, x)}, ("encoder_lengths",))
    yield Case("sensor_printed.txt", printed({"x": x[:, :, :1], "lengths": n}), {"": Truth(n, x[:, :, :1].round(4))})
    yield Case("lengths_beside.npz", npz(series=x, series_lengths=n), {"": Truth(n, x)}, ("series_lengths",))


def _rollouts() -> Iterator[Case]:
    rng = np.random.default_rng(51)
    x = rng.standard_normal((4, 30, 3)).astype(np.float32)
    first = np.zeros((4, 30), dtype=bool)
    first[:, 0] = True
    first[0, 12] = first[1, 7] = first[1, 20] = True
    cuts = [[0, 12, 30], [0, 7, 20, 30], [0, 30], [0, 30]]
    rows = [x[i, a:b] for i, at in enumerate(cuts) for a, b in pairwise(at)]
    truth = {"": Truth([len(row) for row in rows], rows=rows)}
    said = ("7 episodes", "is_first")
    yield Case("dreamer.npz", npz(obs=x, is_first=first), truth, said)
    turned = {"obs": np.ascontiguousarray(x.swapaxes(0, 1)), "is_first": np.ascontiguousarray(first.T)}
    yield Case("dreamer_time_first.pt", pt(turned), truth, said)
    done = np.zeros((4, 30), dtype=bool)
    done[:, -1] = True
    done[0, 11] = done[1, 6] = done[1, 19] = True
    yield Case("rollout_done.pt", pt({"observations": x, "dones": done}), truth, ("7 episodes", "dones"))
    starts = {"obs": x, "episode_starts": first.astype(np.float32), "actions": x[:, :, :1]}
    yield Case("ppo_recurrent.pt", pt(starts), truth, ("7 episodes", "episode_starts"))
    n = lengths_of(4, 30, 52)
    single = padded(measured(n, 3, 52))
    ended = np.arange(30) == n[:, None] - 1
    yield Case(
        "episodes_padded.pt",
        pt({"observations": single, "dones": ended}),
        {"": Truth(n, single)},
        ("dones",),
    )
