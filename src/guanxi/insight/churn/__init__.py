"""Who will probably not come back: a probability for every customer, the day they are expected, and what speaks for it.

Nouns: the window (the days looked ahead), the step (a day on which is asked, now or one or two windows ago), the trial
(a model fitted two windows ago, held against the window that is over). It writes to nobody: it says whom to look at.
"""
