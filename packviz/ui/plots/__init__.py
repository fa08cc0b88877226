"""Plots and histograms, drawn by pyqtgraph: windows beside the main one, imported when one is opened."""
