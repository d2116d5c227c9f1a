"""Long work over the store: what each kind of job does, and the processes that do it."""
