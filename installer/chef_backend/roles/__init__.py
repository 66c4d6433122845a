"""What each part of a node should be: settings and secrets turned into resources. Pure."""
