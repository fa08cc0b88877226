"""What stands around the panes: banner, toolbar, docks, dropped files, and the layout of it all."""
