"""Background work as rows of the book: enqueued with its cause, claimed with a lease, tried again, never lost.

Nouns: Job (one task to be done), Lease (a right that one process at a time holds), Run (a task's view of its own job).
Tasks are declared with django-tasks' `@task`, are idempotent, take ids, and call one verb.
"""
