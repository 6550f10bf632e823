"""The only room that speaks to a vendor: two endpoint tables, two ways to sign in, one client."""
