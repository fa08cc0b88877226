"""The style sheet of the window, made from the colours of core/look/theme.py."""

from __future__ import annotations

from packviz.core.look.colour import Theme
from packviz.core.resources import resource
from packviz.ui.look.theme import MONO, SANS

PICTURES = ("check", "up", "down")  # one each for either theme, in resources/icons

# Every colour stands alone before its semicolon, so that no name is taken for the beginning of a longer one.
QSS = """
* { font-family: @sans; font-size: 13px; dialogbuttonbox-buttons-have-icons: 0; }
QMainWindow, QDialog { background-color: @background; }
QMainWindow::separator { background-color: @background; width: 6px; height: 4px; }
QMainWindow::separator:hover { background-color: @selection; }

QMenuBar { background-color: @background; color: @muted; padding: 2px 6px; }
QMenuBar::item { padding: 4px 8px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background-color: @button; color: @text; }
QMenu { background-color: @panel; color: @text; border: 1px solid; border-color: @panel_border; padding: 5px; }
QMenu::item { padding: 5px 28px 5px 26px; border-radius: 5px; }
QMenu::item:selected { background-color: @selection; }
QMenu::item:disabled { color: @ended; }
QMenu::separator { height: 1px; background-color: @panel_border; margin: 5px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 7px; }
QToolTip { background-color: @card; color: @text; border: 1px solid; border-color: @panel_border; padding: 4px; }

QToolBar { background-color: @panel; border: none; spacing: 4px; padding: 7px 9px; }
QToolBar::separator { width: 6px; background: transparent; }
QToolButton, QPushButton {
    background-color: @button; color: @text; border: 1px solid; border-color: @button;
    border-radius: 6px; padding: 5px 7px; }
QToolButton:hover, QPushButton:hover { border-color: @accent; }
QToolButton:focus, QPushButton:focus { border-color: @accent; }
QToolButton:pressed, QPushButton:pressed, QToolButton:checked { background-color: @selection; }
QToolButton:disabled, QPushButton:disabled { color: @ended; }
QToolButton::menu-indicator { image: none; }
QToolButton#icon { padding: 5px 5px; }
QToolButton#qt_toolbar_ext_button { padding: 0; border: none; }
QPushButton#link { color: @accent; padding: 4px 7px; font-size: 12px; }
QPushButton#choice:checked { background-color: @selection; border-color: @accent; }

QCheckBox { color: @text; spacing: 6px; }
QCheckBox#pill { background-color: @button; border: 1px solid; border-color: @button; border-radius: 6px;
    padding: 5px 8px; }
QCheckBox#pill:hover, QCheckBox#pill:focus { border-color: @accent; }
QCheckBox#pill:disabled { color: @ended; }
QCheckBox::indicator {
    width: 12px; height: 12px; border: 1px solid; border-color: @muted; border-radius: 3px; background-color: @card; }
QCheckBox::indicator:checked { background-color: @accent; border-color: @accent; image: url(@check); }
QCheckBox::indicator:disabled { border-color: @ended; }
QLabel { background: transparent; color: @text; }
QLabel#muted { color: @muted; }
QLabel#small { color: @muted; font-size: 12px; }
QLabel#heading { font-weight: 600; }
QLabel#bad { color: @error; }
QLabel#good { color: @good; font-weight: 600; }
QLabel#name { border: 1px solid transparent; border-radius: 4px; padding: 1px 2px; }
QLabel#name:focus { border-color: @accent; }
QLabel#mono { font-family: @mono; font-size: 13px; padding-left: 6px; }
QLabel#inspected { font-family: @mono; font-size: 12px; }
QLineEdit {
    background-color: @card; color: @text; border: 1px solid; border-color: @panel_border;
    border-radius: 6px; padding: 4px 6px; selection-background-color: @selection; selection-color: @text; }
QLineEdit:focus { border-color: @accent; }
QLineEdit#length { padding: 0 2px; font-family: @mono; border-color: @accent; }
QLineEdit#name { padding: 2px 4px; border-color: @accent; }
QLineEdit#bad { border-color: @error; }

QFrame#landing { background-color: @accent; border: none; border-radius: 1px; }
QFrame#popup QSpinBox, QComboBox {
    background-color: @card; color: @text; border: 1px solid; border-color: @panel_border; border-radius: 6px;
    padding: 4px 6px; selection-background-color: @selection; selection-color: @text; }
QFrame#popup QSpinBox:focus, QComboBox:focus { border-color: @accent; }
QFrame#popup QSpinBox:disabled, QComboBox:disabled { color: @ended; }
QFrame#popup QSpinBox QLineEdit { border: none; background: transparent; padding: 0; }
QFrame#popup QSpinBox QLineEdit:disabled { color: @ended; }
QFrame#popup QSpinBox::up-button, QFrame#popup QSpinBox::down-button {
    subcontrol-origin: border; width: 20px; border: none; background: transparent; }
QFrame#popup QSpinBox::up-button { subcontrol-position: top right; }
QFrame#popup QSpinBox::down-button { subcontrol-position: bottom right; }
QFrame#popup QSpinBox::up-arrow { image: url(@up); width: 9px; height: 9px; }
QFrame#popup QSpinBox::down-arrow, QComboBox::down-arrow { image: url(@down); width: 9px; height: 9px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox QAbstractItemView {
    background-color: @panel; color: @text; border: 1px solid; border-color: @panel_border;
    selection-background-color: @selection; selection-color: @text; }
QSpinBox#feature QLineEdit { border-radius: 4px; padding: 0 4px; font-family: @mono; font-size: 11px; }
QSpinBox#hits { font-size: 12px; }
QSpinBox#hits QLineEdit { border-radius: 4px; padding: 0 4px; }
QSlider#feature::groove:horizontal { height: 4px; border-radius: 2px; background-color: @button; }
QSlider#feature::handle:horizontal { width: 10px; height: 10px; margin: -3px 0; border-radius: 5px;
    background-color: @accent; }
QSlider#feature::handle:horizontal:focus { background-color: @text; }
QFrame#panel { background-color: @panel; border: 1px solid; border-color: @panel_border; border-radius: 8px; }
QFrame#popup { background-color: @panel; border: 1px solid; border-color: @panel_border; }
QFrame#card { background-color: @card; border: 1px solid; border-color: @panel_border; border-radius: 8px; }
QFrame#verdict_good {
    background-color: @good_card; border: 1px solid; border-color: @good; border-radius: 8px; }
QFrame#verdict { background-color: @card; border: 1px solid; border-color: @panel_border; border-radius: 8px; }
QFrame#verdict_bad { background-color: @card; border: 1px solid; border-color: @error; border-radius: 8px; }
QFrame#banner { background-color: @card; border: 1px solid; border-color: @accent; border-radius: 8px; }
QFrame#banner_bad { background-color: @card; border: 1px solid; border-color: @error; border-radius: 8px; }

QTextEdit#heading, QTextEdit#muted, QTextEdit#place, QTextEdit#quote, QTextEdit#said, QTextEdit#raised,
QTextEdit#banner_text { background: transparent; border: none; padding: 0; color: @text;
    selection-background-color: @selection; selection-color: @text; }
QTextEdit#heading { font-weight: 600; }
QTextEdit#muted, QTextEdit#place { color: @muted; font-size: 12px; }
QTextEdit#quote, QTextEdit#raised { font-family: @mono; font-size: 12px; color: @error; }
QTextEdit#said { font-family: @mono; font-size: 12px; color: @muted; }
QLabel#head_error, QLabel#head_silent { color: @error; font-weight: 600; font-size: 12px; }
QLabel#head_warning { color: @warning; font-weight: 600; font-size: 12px; }
QLabel#head_note { color: @note; font-weight: 600; font-size: 12px; }
QLabel#head_told { color: @accent; font-weight: 600; font-size: 12px; }
QLabel#title_good { color: @good; font-weight: 600; }
QLabel#title_bad { color: @error; font-weight: 600; }
QLabel#call_good { color: @good; font-family: @mono; font-size: 12px; }
QLabel#call_bad { color: @error; font-family: @mono; font-size: 12px; }
QLabel#call_muted { color: @muted; font-family: @mono; font-size: 12px; }
QFrame#card_error, QFrame#card_silent, QFrame#card_warning, QFrame#card_note, QFrame#card_told {
    background-color: @card; border: 1px solid; border-color: @panel_border; border-radius: 6px; }
QFrame#card_error, QFrame#card_silent { border-left: 3px solid; border-left-color: @error; }
QFrame#card_warning { border-left: 3px solid; border-left-color: @warning; }
QFrame#card_note { border-left: 3px solid; border-left-color: @note; }
QFrame#card_told { border-left: 3px solid; border-left-color: @accent; }

QFrame#pane { background-color: @panel; border: 1px solid; border-color: @panel_border; border-radius: 8px; }
QLabel#paneTitle { font-weight: 600; }
QLabel#paneSubtitle { color: @muted; font-family: @mono; font-size: 11px; }
QLabel#paneFooter { color: @muted; font-family: @mono; font-size: 11px; }
QLabel#paneEmpty { color: @muted; }
QFrame#pane[pane="states"] QLabel#paneFooter { color: @good; }
QToolButton#stateChip { padding: 0 1px; max-width: 18px; font-family: @mono; font-size: 12px; border-radius: 4px; }
QToolButton#stateChip:checked { background-color: @selection; border-color: @accent; }
QToolButton#what { background: transparent; border: 1px solid; border-color: @panel_border; border-radius: 9px;
    color: @muted; padding: 0; min-width: 16px; max-width: 16px; min-height: 16px; max-height: 16px; font-size: 12px; }
QToolButton#what:hover, QToolButton#what:focus { color: @accent; border-color: @accent; }
QToolButton#arrow { background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 0;
    min-width: 14px; max-width: 14px; min-height: 14px; max-height: 14px; }
QToolButton#arrow:hover, QToolButton#arrow:focus { border-color: @accent; }
QToolButton#cross { background: transparent; border: 1px solid transparent; border-radius: 4px; color: @muted;
    padding: 0 5px; }
QToolButton#cross:hover, QToolButton#cross:focus { border-color: @accent; color: @text; }
QToolButton#fold { background: transparent; border: 1px solid transparent; color: @muted; padding: 2px 4px;
    font-size: 12px; }
QToolButton#fold:hover, QToolButton#fold:focus { border-color: @accent; color: @text; }
QToolButton#severity { background: transparent; border: 1px solid transparent; padding: 1px 4px; font-size: 12px; }
QToolButton#severity:checked { background-color: @button; border-color: @button; }
QToolButton#severity:hover, QToolButton#severity:focus { border-color: @accent; }
QToolButton#grip { background: transparent; border: none; padding: 0; }
QTabBar { background: transparent; }
QTabBar::tab {
    background-color: @background; color: @muted; border: none; border-top: 2px solid transparent; padding: 4px 10px; }
QTabBar::tab:selected { color: @text; border-top-color: @accent; }
QSplitter::handle { background: transparent; }

QDockWidget { color: @text; font-weight: 600; }
QScrollArea, QScrollArea > QWidget > QWidget#inside { background: transparent; border: none; }
QPlainTextEdit, QTextBrowser {
    background-color: @panel; color: @text; border: none; selection-background-color: @selection;
    selection-color: @text; }
QPlainTextEdit { font-family: @mono; font-size: 12px; }
QPlainTextEdit#prose { font-family: @sans; font-size: 13px; }
QTableView { background: transparent; color: @text; border: none; font-family: @mono; font-size: 12px;
    selection-background-color: @selection; selection-color: @text; }
QTableView#calls::item { padding: 0 4px; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background-color: @panel; color: @muted; border: none; padding: 1px 5px; font-family: @mono;
    font-size: 12px; }
QTableView#calls QHeaderView::section { padding: 1px 7px; }
QTableCornerButton::section { background-color: @panel; border: none; }
QListView#shelf { background: transparent; border: none; }
QListWidget {
    background-color: @panel; color: @text; border: 1px solid; border-color: @panel_border; border-radius: 6px; }
QListWidget::item:selected { background-color: @selection; color: @text; }

QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background-color: @ended; border-radius: 4px; margin: 1px; }
QScrollBar::handle:vertical { min-height: 24px; }
QScrollBar::handle:horizontal { min-width: 24px; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: none; border: none; width: 0; height: 0; }

QProgressBar {
    background-color: @button; border: none; border-radius: 4px; max-height: 8px; min-width: 120px; }
QProgressBar::chunk { background-color: @accent; border-radius: 4px; }
QStatusBar { background-color: @background; color: @muted; }
QStatusBar::item { border: none; }
QStatusBar QLabel { font-family: @mono; font-size: 12px; padding: 2px 8px; }
"""


def style_sheet(theme: Theme) -> str:
    """The style sheet of the window and of everything in it."""
    sheet = QSS
    for name, rgb in theme.colours().items():
        sheet = sheet.replace(f"@{name};", f"rgb({rgb[0]}, {rgb[1]}, {rgb[2]});")
    for name in PICTURES:
        sheet = sheet.replace(f"url(@{name})", f'url("{resource(f"icons/{name}-{theme.name}.svg").as_posix()}")')
    return sheet.replace("@sans;", f'"{SANS}";').replace("@mono;", f'"{MONO}";')
