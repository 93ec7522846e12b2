"""Each kind of fact as the edits that it makes to the tree. Pure over a state: nothing is committed here.

A ``Draft`` collects the edits of one commit; facts of one commit see each other. Every function refuses before it
edits, and stating what holds already edits nothing. Two facts that do not concern the same thing give the same tree
in any order.
"""
