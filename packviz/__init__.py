"""packviz: see what `pack_padded_sequence` does to a batch, cell by cell, and find the lengths that are wrong.

Importing it loads neither Qt nor torch nor numpy: each name below is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from packviz.api import check as check
    from packviz.api import compare as compare
    from packviz.api import explain as explain
    from packviz.api import gradients as gradients
    from packviz.api import load as load
    from packviz.api import probe as probe
    from packviz.api import trace as trace
    from packviz.core.batch import Batch as Batch
    from packviz.core.batch import BatchError as BatchError
    from packviz.core.comparing import Comparison as Comparison
    from packviz.core.findings import Finding as Finding
    from packviz.core.findings import Severity as Severity
    from packviz.core.gradients import Gradients as Gradients
    from packviz.core.messages.explain import Cause as Cause
    from packviz.core.messages.explain import Explanation as Explanation
    from packviz.core.noted import NotedCall as NotedCall
    from packviz.core.noted import Recording as Recording
    from packviz.core.probing import ProbeReport as ProbeReport
    from packviz.core.report import Report as Report
    from packviz.core.summary import Summary as Summary
    from packviz.core.trace import Trace as Trace
    from packviz.loaders import check_loader as check_loader
    from packviz.recording import install as install
    from packviz.recording import record as record
    from packviz.showing.show import show as show

__version__ = "0.1.0"

_HOMES = {
    "check": "packviz.api",
    "check_loader": "packviz.loaders",
    "compare": "packviz.api",
    "explain": "packviz.api",
    "gradients": "packviz.api",
    "load": "packviz.api",
    "probe": "packviz.api",
    "trace": "packviz.api",
    "install": "packviz.recording",
    "record": "packviz.recording",
    "Batch": "packviz.core.batch",
    "BatchError": "packviz.core.batch",
    "Cause": "packviz.core.messages.explain",
    "Comparison": "packviz.core.comparing",
    "Explanation": "packviz.core.messages.explain",
    "Finding": "packviz.core.findings",
    "Gradients": "packviz.core.gradients",
    "NotedCall": "packviz.core.noted",
    "Recording": "packviz.core.noted",
    "ProbeReport": "packviz.core.probing",
    "Report": "packviz.core.report",
    "Severity": "packviz.core.findings",
    "Summary": "packviz.core.summary",
    "Trace": "packviz.core.trace",
    "show": "packviz.showing.show",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'packviz' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
