"""Where torch can't be imported: what the commands say, and what they do all the same."""

from __future__ import annotations

from packviz.core.errors import NoTorch, only_batch_errors


def torch_missing() -> NoTorch | None:
    """Why torch can't be imported here, None where it can: it is tried."""
    from packviz.torch_side.devices import version

    try:
        with only_batch_errors():
            version()
    except NoTorch as error:
        return error
    return None


def until_then(missing: NoTorch, what: str) -> str:
    """The same with what there is until then: `… install it; until then the picture shows …`"""
    return f"{_bare(missing)}; until then {what}."


def or_rules_only(missing: NoTorch) -> NoTorch:
    """The same of a check, which can do without."""
    return NoTorch(f"{_bare(missing)}, or check with --rules-only.")


def _bare(missing: NoTorch) -> str:
    return str(missing).rstrip(".")
