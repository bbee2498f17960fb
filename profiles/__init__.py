"""Who the user is: account, preferences. Knows nothing of exchanges."""
