"""The commands, one file each. They do not import each other; what they share is one level up."""
