"""The fake Visma.net Financials: state, rules and routes, written from the vendor's contract."""
