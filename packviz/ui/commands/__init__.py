"""The one table of commands, and what is made of it: menus, keys, the palette."""
