"""Outgoing webhooks: changes of the journal are told to subscribers, in order."""
