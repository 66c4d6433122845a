"""What everything else here stands on; imports nothing of chef_backend outside itself."""
