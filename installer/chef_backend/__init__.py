"""What runs on a node of a highly available Chef Infra Server backend."""
