"""Batches of five dimensions: videos, clips of their features, skeletons, series of volumes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.corpus.cases import Array, Case, Truth, last, lengths_of, padded
from tests.corpus.writing import npy, npz, pt, safetensors

THIRD, LAST = "time third", "time last"


def clips(lengths: Array, seed: int, picture: tuple[int, ...] = (3, 12, 10)) -> list[Array]:
    """Rows of pictures, (L, C, H, W), none of whose numbers is 0."""
    rng = np.random.default_rng(seed)
    return [(rng.random((int(n), *picture)) + 0.001).astype(np.float32) for n in lengths]


def third(x: Array) -> Array:
    """(B, T, C, H, W) → (B, C, T, H, W), in memory of its own."""
    return np.ascontiguousarray(np.moveaxis(x, 1, 2))


def cases() -> Iterator[Case]:
    yield from _padded()
    yield from _unpadded()
    yield from _elsewhere()


def _padded() -> Iterator[Case]:
    """Of which the cells beyond the lengths tell, whatever the sizes are."""
    n = lengths_of(4, 16, 601, least=5)
    x = padded(clips(n, 601))
    truth = {"": Truth(n, x, padding=0)}
    said = (THIRD, "(B, F, T, F, F)")
    yield Case("video.pt", pt({"video": third(x), "video_lengths": n}), truth, (*said, "video_lengths"))
    yield Case("video_pair.pt", pt((third(x), n)), truth, said)
    yield Case("clips.npz", npz(clips=third(x), lengths=n), truth, said)
    yield Case("frames.safetensors", safetensors(frames=third(x), frames_len=n), truth, said)
    square = padded(clips(n, 602, (3, 16, 16)))
    yield Case("video_as_wide_as_long.pt", pt((third(square), n)), {"": Truth(n, square)}, said)
    maps = padded(clips(n, 603, (64, 7, 7)))
    yield Case("video_feature_maps.pt", pt((third(maps), n)), {"": Truth(n, maps)}, said)
    raw = (x * 200).astype(np.uint8) + (x > 0).astype(np.uint8)
    yield Case("video_bytes.pt", pt({"x": third(raw), "lengths": n}), {"": Truth(n, raw)}, said)
    low = padded(clips(n, 604), -1.0)
    yield Case("video_padded_minus_1.pt", pt((third(low), n)), {"": Truth(n, low, padding=-1)}, said)
    joints = padded(clips(n, 605, (3, 25, 2)))
    yield Case("skeletons.pt", pt({"data": third(joints), "lengths": n}), {"": Truth(n, joints)}, said)
    share = (n / 16).astype(np.float32)
    yield Case("video_relative.pt", pt({"x": third(x), "x_lens": share}), {"": Truth(n, x)}, ("relative", THIRD))
    mask = np.arange(16) < n[:, None]
    yield Case("video_mask.pt", pt({"x": third(x), "mask": mask}), {"": Truth(n, x)}, (THIRD, "mask"))
    yield Case("video_square_mask.pt", pt({"x": third(square), "mask": mask}), {"": Truth(n, square)}, (THIRD, "mask"))
    yield Case("video_alone.npy", npy(third(x)), truth, said)
    longer = padded(clips(n, 606), steps=20)
    yield Case("video_padded_beyond_the_longest.pt", pt((third(longer), n)), {"": Truth(n, longer)}, said)


def _unpadded() -> Iterator[Case]:
    """Of which only the sizes tell, or nothing."""
    same = np.full(4, 16)
    full = padded(clips(same, 611))
    yield Case("video_full.pt", pt((third(full), same)), {"": Truth(same, full)}, (THIRD, "16"))
    yield Case("video_alone_full.npy", npy(third(full)), {"": Truth(same, full)}, asks=("--axes", "BFTFF"))
    shorter = np.array([14, 9, 11, 13])
    alone = padded(clips(same, 612, (3, 8, 8)))
    yield Case("video_fits_alone.pt", pt((third(alone), shorter)), {"": Truth(shorter, alone)}, (THIRD, "14", "8"))
    wide = padded(clips(same, 613, (3, 8, 32)))
    yield Case("video_two_fit.pt", pt((third(wide), shorter)), {"": Truth(shorter, wide)}, asks=("--axes", "BFTFF"))
    square = padded(clips(same, 614, (3, 16, 16)))
    yield Case("video_square_full.pt", pt((third(square), same)), {"": Truth(same, square)}, asks=("--axes", "BFTFF"))
    few = np.full(4, 3)
    tiny = padded(clips(few, 615, (16, 8, 8)))
    yield Case("three_frames.pt", pt((third(tiny), few)), {"": Truth(few, tiny)}, asks=("--axes", "BFTFF"))
    mask = np.ones((4, 16), dtype=bool)
    yield Case(
        "video_square_full_mask.pt",
        pt({"x": third(square), "mask": mask}),
        {"": Truth(same, square)},
        asks=("--axes", "BFTFF"),
    )


def _elsewhere() -> Iterator[Case]:
    """Of five dimensions, with their time second, first or last."""
    n = lengths_of(4, 16, 621, least=5)
    x = padded(clips(n, 621))
    truth = {"": Truth(n, x, padding=0)}
    yield Case("frames_btchw.pt", pt({"pixel_values": x, "lengths": n}), truth)
    yield Case("frames_tbchw.pt", pt((np.ascontiguousarray(x.swapaxes(0, 1)), n)), truth)
    channels_last = padded(clips(n, 622, (12, 10, 3)))
    yield Case("frames_bthwc.npz", npz(x=channels_last, lengths=n), {"": Truth(n, channels_last)})
    yield Case("frames_alone.npy", npy(x), truth)
    volumes = padded(clips(n, 623, (6, 7, 5)))
    yield Case("volumes_last.pt", pt((last(volumes), n)), {"": Truth(n, volumes)}, (LAST,))
    square = padded(clips(n, 624, (4, 8, 8)))
    few = lengths_of(4, 4, 625, least=1)
    four = padded(clips(few, 625, (4, 8, 8)))
    yield Case("frames_all_four.pt", pt((four, few)), {"": Truth(few, four)})
    yield Case("video_four_channels.pt", pt((third(square), n)), {"": Truth(n, square)}, (THIRD,))
