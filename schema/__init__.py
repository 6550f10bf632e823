"""The shared language of the two processes: words, errors, settings, models, queue and journal."""
