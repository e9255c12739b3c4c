"""Named mutants: faults put into the code one at a time, each of which the ordinary suite has to notice."""
