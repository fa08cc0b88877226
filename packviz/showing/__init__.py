"""From a program to a window in a process of its own: `packviz.show`, and the window's ear. No Qt, and no torch but
where a module's numbers are taken."""
