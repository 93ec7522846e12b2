"""The live room: talks HTTP with running programs. It gets specs, contracts and a URL, and never hears of git.

``outcome`` has the words for what a test found; ``provider`` starts a program, waits for it and always ends it;
``spec_test`` exercises a spec, ``replay`` sends the interactions of contracts. ``proxy`` passes on what others say to
each other, and ``recording`` makes a contract of it. Nothing here records anything in a registry.
"""
