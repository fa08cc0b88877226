"""The look of the widgets: style sheet, fonts, icons, and which theme is chosen."""
