"""What people are called, and where they are reached: read, judged, and never changed in silence.

Every reading gives the value as it may be kept, a verdict, the reason for it and, where there is one, a suggestion that
somebody may accept. Pure: nothing here reads or writes the book.
"""
