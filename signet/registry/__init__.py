"""The storage room: the git repository. The only room with paths and git objects."""
