"""What an operator writes in chef-backend.rb, checked against one table of settings."""
