"""Experiments: who gets which arm, who is held out, and what the figures of the arms say.

Nouns: Trial, Arm, HoldOut, Moments, Difference, Ratio, Findings. Experiments computes from what it is handed, or from a
file: it keeps no table, sends nothing and changes nothing.
"""
