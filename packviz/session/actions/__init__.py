"""What can be asked of the session: each action a small frozen value."""

from __future__ import annotations

from typing import Any

from packviz.session.actions.documents import (
    CancelLoad,
    Close,
    DropKept,
    GoBy,
    GoTo,
    Keep,
    Load,
    Open,
    OpenAll,
    OpenSession,
    Receive,
    Save,
    SetNotes,
)
from packviz.session.actions.edits import (
    ApplyFix,
    GuessLengths,
    Redo,
    SetLength,
    SetLengths,
    SetModel,
    SetOption,
    SetUsual,
    SetValue,
    SwapLayout,
    Undo,
)
from packviz.session.actions.looking import (
    AskOrigin,
    AskReach,
    CancelProbe,
    Compare,
    DismissExplanation,
    HoldAgainst,
    Hover,
    KeepRun,
    Pin,
    Probe,
    Say,
    Select,
    SelectBlock,
    SetLook,
    Show,
    ToggleRow,
    WalkFindings,
)
from packviz.session.actions.recordings import (
    CallBy,
    ChooseCalls,
    CloseRecording,
    OpenCall,
    OrderCalls,
    ReloadRecording,
)
from packviz.session.actions.walk import (
    ClearStops,
    GoToPass,
    ReplaceStop,
    ReplaceWatch,
    RunToBreakpoint,
    RunToHover,
    SetSpeed,
    StepBy,
    StepInto,
    StepOut,
    StepTo,
    StopFrom,
    SwitchStop,
    Tick,
    ToggleBreakpoint,
    TogglePlay,
    ToggleStop,
    ToggleWatch,
)
from packviz.session.actions.work import Computed, Failed, Progressed

__all__ = [
    "Action", "ApplyFix", "AskOrigin", "AskReach", "CallBy", "CancelLoad", "CancelProbe", "ChooseCalls", "ClearStops",
    "Close", "CloseRecording", "Compare", "Computed", "DismissExplanation", "DropKept", "Failed", "GoBy", "GoTo",
    "GoToPass", "GuessLengths", "HoldAgainst", "Hover", "Keep", "KeepRun", "Load", "Open", "OpenAll", "OpenCall",
    "OpenSession", "OrderCalls", "Pin", "Probe", "Progressed", "Receive", "Redo", "ReloadRecording", "ReplaceStop",
    "ReplaceWatch", "RunToBreakpoint", "RunToHover", "Save", "Say", "Select", "SelectBlock", "SetLength", "SetLengths",
    "SetLook", "SetModel", "SetNotes", "SetOption", "SetSpeed", "SetUsual", "SetValue", "Show", "StepBy", "StepInto",
    "StepOut", "StepTo", "StopFrom", "SwapLayout", "SwitchStop", "Tick", "ToggleBreakpoint", "TogglePlay", "ToggleRow",
    "ToggleStop", "ToggleWatch", "Undo", "WalkFindings",
]  # fmt: skip

Action = (
    Load | CancelLoad | Open | OpenAll | OpenSession | Receive | GoTo | GoBy | Close | Save | Keep | DropKept
    | OpenCall | CallBy | ChooseCalls | OrderCalls | ReloadRecording | CloseRecording
    | SetLength | SetLengths | SetValue | SetOption | SwapLayout | GuessLengths | ApplyFix | SetUsual | SetModel
    | Undo | Redo | StepBy | StepTo | GoToPass | RunToBreakpoint | RunToHover | ToggleBreakpoint | ClearStops
    | ToggleStop | SwitchStop | StopFrom | ReplaceStop | ToggleWatch | ReplaceWatch | SetNotes
    | AskOrigin | AskReach | StepInto | StepOut | Compare | HoldAgainst | KeepRun
    | TogglePlay | Tick | SetSpeed
    | Hover | Select | SelectBlock | ToggleRow | Show | WalkFindings | Pin | SetLook
    | Probe | CancelProbe | DismissExplanation | Say
    | Computed[Any] | Failed | Progressed
)  # fmt: skip
