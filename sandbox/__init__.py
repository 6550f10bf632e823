"""A faithful fake Visma Severa and fake Visma.net Financials in one process, for demos and tests."""
