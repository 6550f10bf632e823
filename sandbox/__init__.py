"""A faithful fake Visma Severa and fake Visma.net in one process, for demos and tests."""
